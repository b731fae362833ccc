using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tests.Kernels;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Determinism;

/// <summary>
/// One job, computed in every way there is: any two settings of the engine stand together at least once, and each time the job's
/// trace root is the committed one. The child processes of <see cref="InstructionSetTests"/> do the same on lesser processors.
/// </summary>
public sealed class OneRootTests
{
    private const string Root = "9A007EE43C004EBED5C2F1BC845BFBA6F3C625746E32FE47A03D24CAA9139F30";
    private const int PromptTokens = 530;

    private static readonly GenerationRequest s_job = new()
    {
        // Repeats itself, so that there is something to guess.
        PromptTokens = [.. Enumerable.Range(0, PromptTokens).Select(index => 100 + (index % 37 * 7 % 31))], MaxTokens = 40, IgnoreEos = true,
        Sampling = new()
        {
            Temperature = 0.7f, TopP = 0.9f, MinP = 0.01f, FrequencyPenalty = 0.05f, Seed = 11, LogitBias = Enumerable.Range(100, 3).ToDictionary(token => token, token => 9f),
        },
    };

    private static readonly int[][] s_settings =
    [
        [.. KernelTests.Supported().Select(width => (int)width)],
        [1, 2, 3, 4, 5, 6, 7, 8], // threads
        [1, 2, 4, 8, 16], // sequences at once
        [1, 7, 64, 512], // tokens in a step
        [0, 1, 2], // its beginning: shared with nobody, computed for others, taken over from others
        [1, 2, 3, 4], // stages
        [0, 7], // guesses
        [0, 1], // memory for all, or for little more than one
    ];

    [Fact]
    public async Task However_it_is_computed_a_job_has_one_trace_root()
    {
        var model = new SyntheticModelOptions { Width = 32, Heads = 2, KvHeads = 1, HeadLength = 16, FeedForward = 32, Vocabulary = 300, Context = 1024 };
        using var file = SyntheticModelFile.Create(model);
        var (guessed, rows) = (0, AllPairs());
        foreach (var row in rows)
        {
            var finished = await RunAsync(file.Path, model, row);
            var found = Convert.ToHexString(finished.TraceRoot);
            Assert.True(Root == found, $"With {Describe(row)} the trace root is {found}, the committed one {Root}.");
            // Where there is little memory, those beside it may need what was kept.
            if (row[7] == 0)
                Assert.Equal(row[4] == 2 ? (PromptTokens - 1) / 16 * 16 : 0, finished.CachedTokens);
            guessed += finished.GuessedRight;
        }

        Assert.True(guessed > 0, "No guess was ever right, so nothing was shown of guesses.");
    }

    private static async Task<Finished> RunAsync(string path, SyntheticModelOptions model, int[] row)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var pageBytes = 2L * model.Layers * model.KvLength * 16 * sizeof(float);
        var options = new EngineOptions
        {
            Kernels = (KernelWidth)row[0], Threads = row[1], ParallelCostMin = 0, SequencesMax = row[2], StepTokensMax = row[3], Stages = row[5], GuessesMax = row[6],
            KvBytesMax = (row[7] == 0 ? 1000 : 50) * pageBytes, PrefixBytesMax = row[4] == 2 ? 50 * pageBytes : 0,
        };
        await using var engine = await InferenceEngine.LoadAsync(path, options, null, cancellation);
        var job = s_job with { PrefixSalt = row[4] == 0 ? null : [1] };
        if (row[4] == 2)
            await engine.CompleteAsync(job with { MaxTokens = 1 }, cancellation);
        var others = Enumerable.Range(1, row[2] - 1).Select(index => engine.CompleteAsync(
            new GenerationRequest { PromptTokens = [.. Engines.Prompt(3 + (index * 5), index).Select(token => token % 290)], MaxTokens = 30, IgnoreEos = true, Sampling = new() { Seed = (ulong)index } },
            cancellation)).ToArray();
        var completion = await engine.CompleteAsync(job, cancellation);
        await Task.WhenAll(others);
        return completion.Finished;
    }

    private static string Describe(int[] row) =>
        $"{(KernelWidth)row[0]} kernels, {row[1]} threads, {row[2]} sequences, steps of {row[3]} tokens, beginning {row[4]}, {row[5]} stages, {row[6]} guesses, memory {row[7]}";

    /// <summary>Rows of settings in which each two values of different settings stand together in at least one row.</summary>
    private static List<int[]> AllPairs()
    {
        var missing = new HashSet<(int, int, int, int)>();
        for (var one = 0; one < s_settings.Length; one++)
        {
            for (var two = one + 1; two < s_settings.Length; two++)
                missing.UnionWith(from x in s_settings[one] from y in s_settings[two] select (one, x, two, y));
        }

        var (random, rows) = (new Random(1), new List<int[]>());
        while (missing.Count > 0)
        {
            // The best of some; one that is missing is in the first of them, so that each row finds at least one.
            var (first, x, second, y) = missing.First();
            var best = Enumerable.Range(0, 60).Select(_ =>
            {
                int[] row = [.. s_settings.Select(values => values[random.Next(values.Length)])];
                (row[first], row[second]) = (x, y);
                return row;
            }).MaxBy(row => Pairs(row).Count(missing.Contains))!;
            missing.ExceptWith(Pairs(best));
            rows.Add(best);
        }

        return rows;
    }

    private static IEnumerable<(int One, int X, int Two, int Y)> Pairs(int[] row) =>
        from one in Enumerable.Range(0, row.Length) from two in Enumerable.Range(one + 1, row.Length - one - 1) select (one, row[one], two, row[two]);
}
