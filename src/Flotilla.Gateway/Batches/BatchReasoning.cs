namespace Flotilla.Gateway.Batches;

/// <summary>Of the output, what was reasoning.</summary>
internal sealed record BatchReasoning(long ReasoningTokens);
