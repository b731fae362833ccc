using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A job as the ledger knows it: who asked, what it cost, how it ended.</summary>
public sealed record JobRecord
{
    /// <summary>Names the job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The request that caused it.</summary>
    public required RequestId Request { get; init; }

    /// <summary>Who pays.</summary>
    public required NamespaceId Namespace { get; init; }

    /// <summary>The key that asked.</summary>
    public required KeyId Key { get; init; }

    /// <summary>The model's canonical name.</summary>
    public required string Model { get; init; }

    /// <summary>The front door, such as <c>chat.completions</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>The hold's id.</summary>
    public required TransferId Hold { get; init; }

    /// <summary>What was reserved.</summary>
    public required Credits HoldAmount { get; init; }

    /// <summary>The price table that the hold was computed with.</summary>
    public required long PriceVersion { get; init; }

    /// <summary>The id of what ended the hold; null while it runs.</summary>
    public TransferId? Settlement { get; init; }

    /// <summary>What was charged; zero while it runs.</summary>
    public Credits Charge { get; init; }

    /// <summary>The node that served, where one did.</summary>
    public NodeId? Node { get; init; }

    /// <summary>The finish reason as the client saw it.</summary>
    public string? Finish { get; init; }

    /// <summary>What went wrong, in one line.</summary>
    public string? Error { get; init; }

    /// <summary>Tokens of the prompt, with those from a cache.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that came from a cache.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens that were delivered.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>When the money was held.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the hold ended; null while it runs.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Whether <see cref="JobBook.FindReceiptAsync"/> has something for it.</summary>
    public bool HasReceipt { get; init; }
}
