namespace Flotilla.Engine;

/// <summary>A token, of the completion or of the prompt.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Bytes">The bytes that it stands for; empty for a control token.</param>
/// <param name="Logprob">
/// Natural logarithm of its probability under the model's own distribution (before bias, penalties and temperature); 0 when
/// log probabilities were not asked for.
/// </param>
/// <param name="Top">The likeliest tokens at this place, best first; null when log probabilities were not asked for.</param>
public readonly record struct TokenOutput(int Id, ReadOnlyMemory<byte> Bytes, float Logprob, IReadOnlyList<TokenAlternative>? Top)
{
    /// <summary>Its place among all tokens by their probability at its position, from 1, of equal ones the lower id first; only of a prompt's tokens, else 0.</summary>
    public int Rank { get; init; }
}
