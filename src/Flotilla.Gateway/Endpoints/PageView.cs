namespace Flotilla.Gateway.Endpoints;

/// <summary>A page of a list, as OpenAI's lists are.</summary>
/// <param name="Data">The objects.</param>
/// <param name="FirstId">The first one's id; null for an empty page.</param>
/// <param name="LastId">The last one's: <c>after</c> of the next page.</param>
/// <param name="HasMore">Whether there is a next page.</param>
internal sealed record PageView<T>(IReadOnlyList<T> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object { get; } = "list";
}
