namespace Flotilla.Engine;

/// <summary>What a text's hidden states become as the model's file says (their mean, the first or the last), scaled to length 1.</summary>
/// <param name="Vector">As many values as were asked for, or <see cref="ModelInfo.EmbeddingLength"/>.</param>
/// <param name="Tokens">Tokens of the text.</param>
public sealed record EmbeddingResult(float[] Vector, int Tokens);
