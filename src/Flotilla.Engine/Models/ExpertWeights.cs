using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>A feed-forward half that is many small ones, of which each token takes a few.</summary>
/// <param name="Router">(experts, width): says which.</param>
/// <param name="All">The experts.</param>
internal sealed record ExpertWeights(WeightMatrix Router, IReadOnlyList<FeedForwardWeights> All)
{
    /// <summary>Whether anything takes its input quantised.</summary>
    public bool TakesQuantized => Router.TakesQuantized || All.Any(e => e.TakesQuantized);
}
