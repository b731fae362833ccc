using Flotilla.Engine.Kernels;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Scheduling;
using Xunit;

namespace Flotilla.Engine.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly float[] s_logits = [1f, 3f, 2f, 3f, -1f, 0f, 2.5f, -20f];

    [Fact]
    public void Sample_temperature_0_takes_the_greatest_and_of_equals_the_lowest_id() =>
        Assert.Equal(1, Sample(s_logits, new() { Temperature = 0 }, 0));

    [Fact]
    public void Sample_top_k_1_takes_the_same() =>
        Assert.All(Draw(s_logits, new() { TopK = 1 }), token => Assert.Equal(1, token));

    [Fact]
    public void Sample_top_k_keeps_that_many() => Assert.Equal([1, 3, 6], Drawn(s_logits, new() { TopK = 3, Temperature = 3 }));

    [Fact]
    public void Sample_top_p_keeps_the_smallest_set_that_reaches_it()
    {
        // Probabilities of the two greatest are 0.325 each, of the next 0.197: 0.6 takes two, 0.7 three.
        Assert.Equal([1, 3], Drawn(s_logits, new() { TopP = 0.6f }));
        Assert.Equal([1, 3, 6], Drawn(s_logits, new() { TopP = 0.7f }));
        Assert.Equal([1], Drawn(s_logits, new() { TopP = 0 }));
    }

    [Fact]
    public void Sample_min_p_drops_what_is_less_likely_than_its_share()
    {
        // e^-0.5 = 0.61 and e^-1 = 0.37 of the likeliest.
        Assert.Equal([1, 3, 6], Drawn(s_logits, new() { MinP = 0.5f }));
        Assert.Equal([1, 2, 3, 6], Drawn(s_logits, new() { MinP = 0.3f }));
    }

    [Fact]
    public void Sample_top_p_counts_what_top_k_left()
    {
        // Of the three kept by top_k the first two have 0.77 of the mass: 0.7 needs no third.
        Assert.Equal([1, 3], Drawn(s_logits, new() { TopK = 3, TopP = 0.7f }));
    }

    [Fact]
    public void Sample_frequencies_follow_the_probabilities()
    {
        var counts = new int[8];
        foreach (var token in Draw(s_logits, new() { Temperature = 2 }, 20_000))
            counts[token]++;
        var weights = s_logits.Select(logit => Math.Exp(logit / 2)).ToArray();
        for (var token = 0; token < 8; token++)
            Assert.InRange(counts[token] / 20_000.0, (weights[token] / weights.Sum()) - 0.012, (weights[token] / weights.Sum()) + 0.012);
    }

    [Fact]
    public void Sample_low_temperature_never_leaves_the_top() =>
        Assert.Equal([1, 3], Drawn(s_logits, new() { Temperature = 1e-6f }));

    [Fact]
    public void Sample_other_seed_choice_or_position_draws_otherwise()
    {
        int[] first = [.. Draw(s_logits, new() { Seed = 1 }, 50)];
        Assert.Equal(first, Draw(s_logits, new() { Seed = 1 }, 50));
        Assert.NotEqual(first, Draw(s_logits, new() { Seed = 2 }, 50));
        Assert.NotEqual(first, Draw(s_logits, new() { Seed = 1, Choice = 1 }, 50));
        Assert.NotEqual(first[..40], first[10..]);
    }

    [Fact]
    public void Sample_logit_bias_bans_and_forces()
    {
        var ban = new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [1] = -100, [3] = -100 } };
        Assert.Equal(6, Sample(s_logits, ban, 0));
        var force = new SamplingOptions { LogitBias = new Dictionary<int, float> { [7] = 100 } };
        Assert.All(Draw(s_logits, force), token => Assert.Equal(7, token));
    }

    [Fact]
    public void Sample_presence_penalty_counts_once_and_frequency_penalty_each_time()
    {
        var presence = new SamplingOptions { Temperature = 0, PresencePenalty = 0.4f };
        Assert.Equal(3, Sample(s_logits, presence, 0, generated: [1, 1, 1]));
        Assert.Equal(1, Sample([1f, 3f, 2f], presence, 0, generated: [1, 1, 1]));
        var frequency = new SamplingOptions { Temperature = 0, FrequencyPenalty = 0.4f };
        Assert.Equal(1, Sample([1f, 3f, 2f], frequency, 0, generated: [1, 1]));
        Assert.Equal(2, Sample([1f, 3f, 2f], frequency, 0, generated: [1, 1, 1]));
    }

    [Fact]
    public void Sample_repetition_penalty_divides_positive_and_multiplies_negative_logits_of_prompt_and_completion()
    {
        var options = new SamplingOptions { Temperature = 0, RepetitionPenalty = 2 };
        Assert.Equal(2, Sample([1f, 3f, 2f], options, 0, prompt: [1]));
        Assert.Equal(2, Sample([1f, 3f, 2f], options, 0, generated: [1]));
        Assert.Equal(1, Sample([-2f, -1.5f, -2.5f], options, 0, prompt: [0, 2]));
        Assert.Equal(0, Sample([-2f, -1.5f, -2.5f], options, 0, prompt: [1]));
    }

    /// <summary>The whole of steps 4 to 8 again, by sorting everything: over random logits with many equal ones.</summary>
    [Fact]
    public void Sample_is_the_sorted_walk_of_the_contract()
    {
        var random = new Random(5);
        for (var round = 0; round < 3000; round++)
        {
            var logits = Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.Next(-40, 40) / (round % 2 == 0 ? 2f : 16f)).ToArray();
            var options = new SamplingOptions
            {
                Temperature = (random.Next(20) + 1) / 8f,
                TopK = random.Next(3) == 0 ? random.Next(1, 400) : 0,
                TopP = random.Next(3) == 0 ? random.Next(100) / 100f : 1,
                MinP = random.Next(3) == 0 ? random.Next(100) / 200f : 0,
                Seed = (ulong)round,
            };
            Assert.Equal(SortedWalk(logits, options, round), Sample(logits, options, round));
        }
    }

    [Fact]
    public void Sample_beside_a_narrow_mask_orders_no_more_than_it_allows()
    {
        var random = new Random(3);
        var logits = Enumerable.Range(0, 10_000).Select(_ => (float)random.NextDouble() * 4).ToArray();
        var mask = new ulong[(logits.Length + 63) / 64];
        foreach (var id in (int[])[7, 64, 9_999])
            mask[id / 64] |= 1UL << (id % 64);
        var scratch = new SamplingScratch(logits.Length);
        foreach (var options in (SamplingOptions[])[new() { TopK = 50 }, new() { TopP = 0.9999999f }, new() { TopK = 50, TopP = 0.9f, MinP = 0.01f }])
        {
            var sampler = new Sampler(options, new Penalties(options, []), KernelSet.For(KernelWidth.Best), scratch);
            for (var position = 0; position < 20; position++)
            {
                float[] masked = [.. logits.Select((logit, id) => (mask[id / 64] >> (id % 64) & 1) != 0 ? logit : float.NegativeInfinity)];
                Assert.Equal(SortedWalk(masked, options, position), sampler.Sample(logits, position, mask));
                Assert.InRange(scratch.Candidates.Sorted, 1, 3);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Sample_refuses_a_mask_of_another_vocabulary(int words)
    {
        var sampler = new Sampler(new(), new Penalties(new(), []), KernelSet.For(KernelWidth.Best), new SamplingScratch(100));
        var error = Assert.Throws<InvalidOperationException>(() => sampler.Sample(new float[100], 0, Enumerable.Repeat(ulong.MaxValue, words).ToArray()));
        Assert.Contains($"{words} words", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void Best_alternatives_are_in_order_with_their_log_probabilities(int top)
    {
        var (queue, likely) = (new TokenQueue(new LetterTokenizer(), 5), new LikelyToken[top]);
        queue.Add(6, Logprobs.Describe(6, s_logits, likely, KernelSet.For(KernelWidth.Best), new SamplingScratch(8)), rank: 0, likely);
        Assert.True(queue.TryTake(out var output));
        var sum = s_logits.Sum(logit => Math.Exp(logit));
        Assert.Equal(2.5 - Math.Log(sum), output.Logprob, 1e-6);
        Assert.Equal("g", System.Text.Encoding.UTF8.GetString(output.Bytes.Span));
        int[] order = [1, 3, 6, 2, 0];
        Assert.Equal(order[..top], output.Top!.Select(alternative => alternative.Id));
        Assert.All(output.Top!, alternative => Assert.Equal(s_logits[alternative.Id] - Math.Log(sum), alternative.Logprob, 1e-6));
    }

    private static int SortedWalk(float[] logits, SamplingOptions options, int position)
    {
        var max = logits.Max();
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).ToArray();
        float[] scaled = [.. logits.Select(logit => (logit - max) / options.Temperature)];
        float[] weights = [.. scaled.Select(value => Kernels.Oracle.Exp(value - 0f))];
        var lanes = new float[16];
        for (var id = 0; id < weights.Length; id++)
            lanes[id % 16] += weights[id];
        double total = Kernels.Oracle.Sum16(lanes);
        var kept = order.AsEnumerable();
        if (options.TopK > 0 && options.TopK < logits.Length)
        {
            kept = [.. kept.Take(options.TopK)];
            total = kept.Sum(id => (double)weights[id]);
        }

        if (options.TopP < 1 || options.MinP > 0)
        {
            var (left, sum) = (new List<int>(), 0.0);
            foreach (var id in kept)
            {
                if (left.Count > 0 && (weights[id] < options.MinP || (options.TopP < 1 && sum >= options.TopP * total)))
                    break;
                left.Add(id);
                sum += weights[id];
            }

            (kept, total) = (left, sum);
        }

        var target = Philox.Uniform(options.Seed, options.Choice, position) * total;
        var walked = 0.0;
        var chosen = order[0];
        foreach (var id in kept.TakeWhile(id => weights[id] > 0))
        {
            chosen = id;
            walked += weights[id];
            if (walked > target)
                break;
        }

        return chosen;
    }

    private static int Sample(float[] logits, SamplingOptions options, int position, int[]? prompt = null, int[]? generated = null)
    {
        var kernels = KernelSet.For(KernelWidth.Best);
        var sampler = new Sampler(options, new Penalties(options, prompt ?? []), kernels, new SamplingScratch(logits.Length));
        foreach (var token in generated ?? [])
            sampler.Accept(token);
        return sampler.Sample(logits, position);
    }

    private static IEnumerable<int> Draw(float[] logits, SamplingOptions options, int count = 300) =>
        Enumerable.Range(0, count).Select(position => Sample(logits, options, position));

    private static int[] Drawn(float[] logits, SamplingOptions options) => [.. Draw(logits, options).Distinct().Order()];
}
