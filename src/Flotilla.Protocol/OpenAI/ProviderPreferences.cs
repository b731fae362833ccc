using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI;

/// <summary>OpenRouter's <c>provider</c> object: which nodes a request may go to, which first, and for how much at most.</summary>
/// <remarks>A provider is named by a node's id, by its operator's account id, or by a region.</remarks>
public sealed record ProviderPreferences
{
    /// <summary>No wish at all.</summary>
    public static ProviderPreferences None { get; } = new();

    /// <summary>Whom to ask first, in this order.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>Nobody but these, unless empty.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>None of these.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Whether others than <see cref="Order"/> may be asked; without an order, whether a second node may.</summary>
    public bool AllowFallbacks { get; init; } = true;

    /// <summary>Whether only nodes may be asked that say that they serve every parameter of the request.</summary>
    public bool RequireParameters { get; init; }

    /// <summary>Which of those that are allowed comes first.</summary>
    public ProviderSort Sort { get; init; }

    /// <summary>Dearest price of a million prompt tokens; null: any.</summary>
    public Credits? PromptPriceMax { get; init; }

    /// <summary>Dearest price of a million completion tokens; null: any.</summary>
    public Credits? CompletionPriceMax { get; init; }
}
