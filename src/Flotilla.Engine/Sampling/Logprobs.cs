using Flotilla.Engine.Kernels;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Sampling;

/// <summary>Log probabilities under the model's own distribution, before anything that the request does to the logits.</summary>
internal static class Logprobs
{
    /// <summary>The drawn token with its log probability and the likeliest alternatives.</summary>
    public static TokenOutput Describe(
        int token, ReadOnlySpan<float> logits, int top, ITokenizer tokenizer, KernelSet kernels, SamplingScratch scratch)
    {
        var padded = scratch.Weights.Span;
        logits.CopyTo(padded);
        padded[logits.Length..].Fill(float.NegativeInfinity);
        var max = kernels.Max(padded);
        var log = DeterministicMath.Log(kernels.ExpSum(padded, max));
        var alternatives = new TokenAlternative[Math.Min(top, logits.Length)];
        var best = Best(logits, alternatives.Length);
        for (var place = 0; place < alternatives.Length; place++)
            alternatives[place] = new TokenAlternative(best[place], tokenizer.BytesOf(best[place]), Of(best[place], logits));
        return new TokenOutput(token, tokenizer.BytesOf(token), Of(token, logits), alternatives);

        float Of(int id, ReadOnlySpan<float> all) => (float)((double)all[id] - max - log);
    }

    /// <summary>The token's place by (logit descending, id ascending), from 1.</summary>
    public static int Rank(int token, ReadOnlySpan<float> logits)
    {
        var rank = 1;
        for (var id = 0; id < logits.Length; id++)
            rank += logits[id] > logits[token] || (logits[id] == logits[token] && id < token) ? 1 : 0;
        return rank;
    }

    /// <summary>The ids of the greatest logits, by (logit descending, id ascending).</summary>
    private static int[] Best(ReadOnlySpan<float> logits, int count)
    {
        var best = new int[count];
        var found = 0;
        for (var id = 0; id < logits.Length && count > 0; id++)
        {
            if (found == count && !(logits[id] > logits[best[^1]]))
                continue;
            var place = found < count ? found++ : count - 1;
            while (place > 0 && logits[id] > logits[best[place - 1]])
            {
                best[place] = best[place - 1];
                place--;
            }

            best[place] = id;
        }

        return best;
    }
}
