using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>How a job ended, for its row and the usage.</summary>
public sealed record JobOutcome
{
    /// <summary>Completed, failed or cancelled; <see cref="JobStatus.Running"/> and <see cref="JobStatus.Expired"/> are not for callers to say.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>The finish reason as the client saw it, such as <c>stop</c>; cut after <see cref="LedgerLimits.IdCharsMax"/> characters.</summary>
    public string? Finish { get; init; }

    /// <summary>Tokens of the prompt, with those from a cache.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that came from a cache.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens that were delivered.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>The node that served, where one did.</summary>
    public NodeId? Node { get; init; }

    /// <summary>What went wrong, in one line fit for the caller; cut after <see cref="LedgerLimits.NoteCharsMax"/> characters.</summary>
    public string? Error { get; init; }
}
