namespace Flotilla.Gateway.Responses;

/// <summary>A response that is kept.</summary>
internal sealed record ResponseRow
{
    /// <summary><c>resp_…</c>; ids begin with the time, so that their order is that of the responses.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Namespace { get; init; }

    /// <summary>When it was made, in milliseconds since 1970.</summary>
    public required long CreatedMs { get; init; }

    /// <summary>The response object as JSON.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The items of its own input as a JSON array.</summary>
    public required byte[] Input { get; init; }

    /// <summary>The conversation with this answer, as a serialised <see cref="Protocol.Link.Chat"/>.</summary>
    public required byte[] Conversation { get; init; }

    /// <summary>What counts for the namespace's limit.</summary>
    public long Bytes => (long)Body.Length + Input.Length + Conversation.Length;
}
