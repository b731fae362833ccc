namespace Flotilla.Engine;

/// <summary>
/// The next tokens of the prompt, from <paramref name="Position"/> on, with their log probabilities, where
/// <see cref="GenerationRequest.PromptLogprobs"/> asks for them; all of them come before the completion. Nothing precedes the first
/// token, at position 0, so it has no log probability: 0, no alternatives, rank 0.
/// </summary>
public sealed record PromptTokens(int Position, IReadOnlyList<TokenOutput> Tokens) : GenerationEvent;
