namespace Flotilla.Gateway.Batches;

/// <summary>Tokens of a batch's answers.</summary>
internal sealed record BatchUsageView(long InputTokens, BatchCached InputTokensDetails, long OutputTokens, BatchReasoning OutputTokensDetails, long TotalTokens);
