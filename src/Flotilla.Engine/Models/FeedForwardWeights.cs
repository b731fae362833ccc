using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>The three matrices of a feed-forward half, or of one expert.</summary>
/// <param name="Gate">(inner length, width)</param>
/// <param name="Up">(inner length, width)</param>
/// <param name="Down">(width, inner length)</param>
internal sealed record FeedForwardWeights(WeightMatrix Gate, WeightMatrix Up, WeightMatrix Down)
{
    /// <summary>Whether the input is taken quantised.</summary>
    public bool TakesQuantized => Gate.TakesQuantized || Up.TakesQuantized;
}
