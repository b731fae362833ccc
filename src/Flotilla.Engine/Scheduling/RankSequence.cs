using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Scheduling;

/// <summary>A query and a document that are judged together.</summary>
internal sealed class RankSequence(int[] tokens, int second, ModelConfig config, KernelSet kernels)
    : PooledSequence<RankResult>(tokens, second, config, kernels)
{
    protected override RankResult Finish(Transformer model, ReadOnlySpan<float> pooled)
    {
        var labels = model.Judge(pooled);
        // A label alone stands against one of 0; of several, the first is the one that says yes.
        var others = labels.Length == 1 ? DeterministicMath.Exp(-(double)labels[0]) : 0;
        foreach (var label in labels[1..])
            others += DeterministicMath.Exp((double)label - labels[0]);
        return float.IsFinite(labels[0]) && !double.IsNaN(others) ? new RankResult((float)(1 / (1 + others)), Tokens.Count) : throw NotFinite();
    }
}
