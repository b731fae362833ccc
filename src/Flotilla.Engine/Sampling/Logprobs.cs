using Flotilla.Engine.Kernels;
using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Sampling;

/// <summary>Log probabilities under the model's own distribution, before anything that the request does to the logits.</summary>
internal static class Logprobs
{
    /// <summary>A token's log probability; and the likeliest tokens, as many as <paramref name="top"/> holds, by (logit descending, id ascending).</summary>
    public static float Describe(int token, ReadOnlySpan<float> logits, Span<LikelyToken> top, KernelSet kernels, SamplingScratch scratch)
    {
        var padded = scratch.Weights.Span;
        logits.CopyTo(padded);
        padded[logits.Length..].Fill(float.NegativeInfinity);
        var max = kernels.Max(padded);
        var log = DeterministicMath.Log(kernels.ExpSum(padded, max));
        FindBest(logits, top);
        foreach (ref var likely in top)
            likely = likely with { Logprob = Of(likely.Logprob) };
        return Of(logits[token]);

        float Of(float logit) => (float)((double)logit - max - log);
    }

    /// <summary>The token's place by (logit descending, id ascending), from 1.</summary>
    public static int Rank(int token, ReadOnlySpan<float> logits)
    {
        var rank = 1;
        for (var id = 0; id < logits.Length; id++)
            rank += logits[id] > logits[token] || (logits[id] == logits[token] && id < token) ? 1 : 0;
        return rank;
    }

    /// <summary>The ids of the greatest logits, in order, each with its logit.</summary>
    private static void FindBest(ReadOnlySpan<float> logits, Span<LikelyToken> best)
    {
        var found = 0;
        for (var id = 0; id < logits.Length && best.Length > 0; id++)
        {
            if (found == best.Length && !(logits[id] > best[^1].Logprob))
                continue;
            var place = found < best.Length ? found++ : best.Length - 1;
            while (place > 0 && logits[id] > best[place - 1].Logprob)
            {
                best[place] = best[place - 1];
                place--;
            }

            best[place] = new LikelyToken(id, logits[id]);
        }
    }
}
