using Flotilla.Engine.Kernels;
using Flotilla.Engine.Numerics;

namespace Flotilla.Engine.Sampling;

/// <summary>
/// Draws one sequence's tokens. What is drawn is a function of logits, options, the tokens before and the position; no state
/// of a random generator is carried along. docs/numerics.md numbers the steps.
/// </summary>
internal sealed class Sampler(SamplingOptions options, Penalties penalties, KernelSet kernels, SamplingScratch scratch)
{
    private readonly CandidateList _candidates = scratch.Candidates;

    /// <summary>Makes room for as many tokens as there may be, so that counting one takes no memory.</summary>
    public void Prepare(int tokensMax) => penalties.Prepare(Math.Min(tokensMax, scratch.Vocabulary));

    /// <summary>Counts a token, drawn here or replayed.</summary>
    public void Accept(int token) => penalties.Add(token);

    /// <summary>Draws the token at a position.</summary>
    /// <param name="logits">One for each token, all finite.</param>
    /// <param name="position">Where the token will stand.</param>
    /// <param name="allowed">One bit for each token that may be drawn, at least one of them set; empty allows all.</param>
    /// <exception cref="InvalidOperationException">The mask is of another vocabulary.</exception>
    public int Sample(ReadOnlySpan<float> logits, int position, ReadOnlySpan<ulong> allowed = default)
    {
        var padded = scratch.Logits.Span;
        logits.CopyTo(padded);
        padded[logits.Length..].Fill(float.NegativeInfinity);
        penalties.Apply(padded[..logits.Length]);
        Forbid(padded[..logits.Length], allowed);
        var max = kernels.Max(padded);
        return options.Temperature == 0 ? padded.IndexOf(max) : Draw(max, position);
    }

    private static void Forbid(Span<float> logits, ReadOnlySpan<ulong> allowed)
    {
        // A mask that is too short would leave tokens free that break the form, and nobody would notice.
        if (!allowed.IsEmpty && allowed.Length != (logits.Length + 63) / 64)
            throw new InvalidOperationException($"A mask of {allowed.Length} words cannot be of a vocabulary of {logits.Length} tokens.");
        for (var word = 0; word < allowed.Length; word++)
        {
            var bits = allowed[word];
            if (bits == ulong.MaxValue)
                continue;
            var some = logits[(word * 64)..Math.Min((word + 1) * 64, logits.Length)];
            if (bits == 0)
            {
                some.Fill(float.NegativeInfinity);
                continue;
            }

            for (var index = 0; index < some.Length; index++)
            {
                if ((bits >> index & 1) == 0)
                    some[index] = float.NegativeInfinity;
            }
        }
    }

    private int Draw(float max, int position)
    {
        var logits = scratch.Logits.Span;
        var scaled = scratch.Scaled.Span;
        for (var id = 0; id < scaled.Length; id++)
            scaled[id] = (logits[id] - max) / options.Temperature;
        scaled.CopyTo(scratch.Weights.Span);
        double total = kernels.ExpSum(scratch.Weights.Span, 0f);

        _candidates.Begin(logits[..scratch.Vocabulary], scaled[..scratch.Vocabulary]);
        var keep = _candidates.Count;
        if (options.TopK > 0 && options.TopK < keep)
            (keep, total) = (options.TopK, MassOf(options.TopK));
        if (options.TopP < 1 || options.MinP > 0)
            (keep, total) = Truncate(keep, total);
        return Walk(keep, Philox.Uniform(options.Seed, options.Choice, position) * total);
    }

    private double MassOf(int keep)
    {
        var sum = 0.0;
        for (var place = 0; place < keep; place++)
            sum += WeightAt(place);
        return sum;
    }

    /// <summary>How many candidates top_p and min_p leave, and their mass.</summary>
    private (int Keep, double Mass) Truncate(int keep, double total)
    {
        var (sum, enough) = (0.0, options.TopP < 1 ? options.TopP * total : double.PositiveInfinity);
        for (var place = 0; place < keep; place++)
        {
            var weight = WeightAt(place);
            if (place > 0 && weight < options.MinP)
                return (place, sum);
            sum += weight;
            if (sum >= enough)
                return (place + 1, sum);
        }

        return (keep, sum);
    }

    /// <summary>The first candidate at which the sum exceeds the target; the last one with any weight where rounding kept it below.</summary>
    private int Walk(int keep, double target)
    {
        var sum = 0.0;
        var chosen = _candidates.At(0);
        for (var place = 0; place < keep; place++)
        {
            var weight = WeightAt(place);
            if (weight == 0)
                break;
            chosen = _candidates.At(place);
            sum += weight;
            if (sum > target)
                break;
        }

        return chosen;
    }

    private float WeightAt(int place) => scratch.Weights.Span[_candidates.At(place)];
}
