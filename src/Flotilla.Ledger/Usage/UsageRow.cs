using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Usage added up. What was not grouped by is null.</summary>
public sealed record UsageRow
{
    /// <summary>The day, UTC.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The namespace.</summary>
    public NamespaceId? Namespace { get; init; }

    /// <summary>The key.</summary>
    public KeyId? Key { get; init; }

    /// <summary>The model's canonical name.</summary>
    public string? Model { get; init; }

    /// <summary>Jobs that ended, in whatever way.</summary>
    public required long Jobs { get; init; }

    /// <summary>Tokens of the prompts, with those from a cache.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens of the prompts that came from a cache.</summary>
    public required long CachedTokens { get; init; }

    /// <summary>Tokens that were delivered.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>What was charged.</summary>
    public required Credits Charge { get; init; }
}
