namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>What a request to <c>/v1/responses</c> has beyond a chat.</summary>
public sealed record ResponseTerms
{
    /// <summary>The fields of the request that every response object repeats: members of a JSON object on one line, with a comma before each.</summary>
    public required ReadOnlyMemory<byte> Echo { get; init; }

    /// <summary>The request's own <c>input</c>: a JSON string or array on one line.</summary>
    public required ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The functions that came in namespaces, by the names under which the model sees them.</summary>
    public required IReadOnlyDictionary<string, ToolNamespace> Namespaces { get; init; }

    /// <summary>The response whose conversation this one continues.</summary>
    public string? PreviousId { get; init; }

    /// <summary>The items of the input that are named alone; see <see cref="ItemReferences"/>.</summary>
    public IReadOnlyList<ItemReference> References { get; init; } = [];

    /// <summary>Whether the response can be asked for later, and continued.</summary>
    public bool Store { get; init; }

    /// <summary>Whether the client does not wait.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the chat's first message is the request's <c>instructions</c>, which hold for it alone.</summary>
    public bool HasInstructions { get; init; }
}
