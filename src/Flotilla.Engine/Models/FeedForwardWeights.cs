using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>The matrices of a feed-forward half, or of one expert.</summary>
/// <param name="Gate">(inner length, width): what goes through the activation.</param>
/// <param name="Up">(inner length, width): what that is multiplied with; null where by nothing.</param>
/// <param name="Down">(width, inner length)</param>
/// <param name="GateBias">(inner length), or null where the architecture has none.</param>
internal sealed record FeedForwardWeights(WeightMatrix Gate, WeightMatrix? Up, WeightMatrix Down, float[]? GateBias = null)
{
    /// <summary>Whether the input is taken quantised.</summary>
    public bool TakesQuantized => Gate.TakesQuantized || Up is { TakesQuantized: true };
}
