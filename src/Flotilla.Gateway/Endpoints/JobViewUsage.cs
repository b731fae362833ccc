namespace Flotilla.Gateway.Endpoints;

/// <summary>Tokens of a job, as charged.</summary>
internal sealed record JobViewUsage(int PromptTokens, int CompletionTokens, int TotalTokens, int CachedTokens);
