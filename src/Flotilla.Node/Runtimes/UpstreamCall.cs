namespace Flotilla.Node.Runtimes;

/// <summary>One request to an upstream on behalf of a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Path">Under the server's base URL.</param>
/// <param name="Body">What is posted; it is used up. Null where nothing is.</param>
/// <param name="Patience">Time until the first event, or until the whole of an answer that has none.</param>
internal sealed record UpstreamCall(RunRequest Job, string Path, HttpContent? Body, TimeSpan Patience)
{
    /// <summary>HTTP method.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Post;

    /// <summary>The content type that the answer must have; null where its bytes are looked at instead.</summary>
    public string? MediaType { get; init; }
}
