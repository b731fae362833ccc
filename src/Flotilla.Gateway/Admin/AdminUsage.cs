namespace Flotilla.Gateway.Admin;

/// <summary>One line of usage.</summary>
/// <param name="Namespace">Set when grouped by it.</param>
/// <param name="Key">Set when grouped by it.</param>
/// <param name="Model">Set when grouped by it.</param>
/// <param name="Day">Set when grouped by it, such as <c>2026-01-31</c>.</param>
/// <param name="Jobs">Number of jobs.</param>
/// <param name="PromptTokens">Prompt tokens, with the cached ones.</param>
/// <param name="CachedTokens">Prompt tokens from a cache.</param>
/// <param name="CompletionTokens">Delivered tokens.</param>
/// <param name="Charge">Credits.</param>
public sealed record AdminUsage(
    string? Namespace, string? Key, string? Model, string? Day, long Jobs, long PromptTokens, long CachedTokens, long CompletionTokens, string Charge);
