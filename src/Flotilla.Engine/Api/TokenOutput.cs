namespace Flotilla.Engine;

/// <summary>A generated token.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Bytes">The bytes that it stands for; empty for a control token.</param>
/// <param name="Logprob">
/// Natural logarithm of its probability under the model's own distribution (before bias, penalties and temperature); 0 when
/// log probabilities were not asked for.
/// </param>
/// <param name="Top">The likeliest tokens at this place, best first; null when log probabilities were not asked for.</param>
public readonly record struct TokenOutput(int Id, ReadOnlyMemory<byte> Bytes, float Logprob, IReadOnlyList<TokenAlternative>? Top);
