using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Endpoints;

/// <summary>An answer of JSON, of a shape that its folder's serializer knows.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes it, beneath the status that is set.</summary>
    public static Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, value, type, http.RequestAborted);
    }
}
