namespace Flotilla.Engine.Scheduling;

/// <summary>How a generation ended, as far as the engine's loop knows: what its text says, the reader of the tokens knows.</summary>
/// <param name="Reason">Why.</param>
/// <param name="CompletionTokens">Tokens of the completion.</param>
/// <param name="CachedTokens">Prompt tokens that were not computed.</param>
/// <param name="TraceRoot">The trace's root.</param>
/// <param name="GuessedTokens">Tokens that were guessed.</param>
/// <param name="GuessedRight">How many of them were drawn.</param>
internal sealed record GenerationEnd(FinishReason Reason, int CompletionTokens, int CachedTokens, byte[] TraceRoot, int GuessedTokens, int GuessedRight);
