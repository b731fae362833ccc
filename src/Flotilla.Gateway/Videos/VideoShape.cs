using System.Text.Json.Serialization.Metadata;
using Flotilla.Gateway.Endpoints;

namespace Flotilla.Gateway.Videos;

/// <summary>How one family of routes shows videos.</summary>
/// <param name="Path">Where the family is.</param>
/// <param name="View">A video as the family shows it.</param>
/// <param name="One">The JSON of that.</param>
/// <param name="Page">The JSON of a page of them.</param>
/// <param name="Deleted">What a deletion says that was deleted.</param>
internal sealed record VideoShape<T>(string Path, Func<VideoJob, T> View, JsonTypeInfo<T> One, JsonTypeInfo<ListPage<T>> Page, string Deleted);
