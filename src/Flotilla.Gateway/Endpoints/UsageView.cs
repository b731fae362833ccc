namespace Flotilla.Gateway.Endpoints;

/// <summary>One line of a namespace's usage; what it was not grouped by is left out.</summary>
/// <param name="Day">Such as <c>2026-01-31</c>, UTC.</param>
/// <param name="Key">The key's id.</param>
/// <param name="Model">The model's own name.</param>
/// <param name="Jobs">Jobs that ended.</param>
/// <param name="PromptTokens">With the cached ones.</param>
/// <param name="CachedTokens">Of the prompts.</param>
/// <param name="CompletionTokens">Delivered.</param>
/// <param name="Credits">Charged.</param>
internal sealed record UsageView(
    string? Day, string? Key, string? Model, long Jobs, long PromptTokens, long CachedTokens, long CompletionTokens, decimal Credits);
