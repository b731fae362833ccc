using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>A text whose pooled state, or the beginning of it, is scaled to length 1.</summary>
internal sealed class EmbeddingSequence(int[] tokens, int dimensions, ModelConfig config, KernelSet kernels)
    : PooledSequence<EmbeddingResult>(tokens, tokens.Length, config, kernels)
{
    private readonly KernelSet _kernels = kernels;

    protected override EmbeddingResult Finish(Transformer model, ReadOnlySpan<float> pooled)
    {
        // Lanes are filled up with zeros, which change no sum of squares.
        Span<float> kept = new float[pooled.Length];
        pooled[..dimensions].CopyTo(kept);
        var norm = MathF.Sqrt(_kernels.SumOfSquares(kept));
        if (!float.IsFinite(norm))
            throw NotFinite();
        var vector = new float[dimensions];
        for (var index = 0; index < dimensions; index++)
            vector[index] = norm > 0 ? kept[index] / norm : 0;
        return new EmbeddingResult(vector, Tokens.Count);
    }
}
