namespace Flotilla.Engine;

/// <summary>The mean of a text's hidden states, scaled to length 1.</summary>
/// <param name="Vector">As many values as <see cref="ModelInfo.EmbeddingLength"/>.</param>
/// <param name="Tokens">Tokens of the text.</param>
public sealed record EmbeddingResult(float[] Vector, int Tokens);
