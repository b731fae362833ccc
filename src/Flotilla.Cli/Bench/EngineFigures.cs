using System.Diagnostics;
using Flotilla.Engine;

namespace Flotilla.Cli.Bench;

/// <summary>What else there is to know of the engine besides its speed: what forms cost, and what is saved by what was computed or written before.</summary>
/// <param name="engine">The engine.</param>
/// <param name="tokens">Tokens that each measurement generates.</param>
internal sealed class EngineFigures(InferenceEngine engine, int tokens)
{
    /// <summary>The common beginning of two prompts: a system prompt with some tools.</summary>
    private const int SharedTokens = 1000;

    /// <summary>A text that is to be copied, this often in the prompt.</summary>
    private const int Copies = 4;

    private const int AllocationRuns = 3;

    // Without an end, so that the answer is as long as it is asked to be.
    private const string Form = """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"size":{"type":"integer"}},"required":["name","size"]},"minItems":1000}""";

    /// <summary>All figures.</summary>
    public async Task<IReadOnlyList<BenchRow>> MeasureAsync(CancellationToken ct)
    {
        var (allocated, allocatedInAll) = await AllocatedAsync(ct);
        var (guessedRight, gain) = await CopyingAsync(ct);
        return
        [
            new("a form's share of decoding, %", Math.Max(0, await FormShareAsync(ct) * 100)),
            new($"first token, {Shared} tokens computed before: times as fast", await SharedBeginningAsync(ct)),
            new("copying: guesses that are right, %", guessedRight * 100),
            new("copying: times as fast as without guesses", gain),
            new("allocated by the engine's threads, bytes a token", allocated),
            new("allocated in all, bytes a token", allocatedInAll),
        ];
    }

    private int Shared => Math.Min(SharedTokens, Math.Max(16, engine.Model.ContextTokensMax - 64));

    private async Task<double> FormShareAsync(CancellationToken ct)
    {
        var free = Greedy([.. BenchPlan.Tokens(BenchPlan.SeedTokens, 1, engine.Model.VocabularySize)]) with { MayGuess = false };
        var held = free with { AnswerSchema = Form };
        // Both once for caches and code, and for what is found out once about a form.
        foreach (var request in (GenerationRequest[])[free, held])
            await RunAsync(request, ct);
        var (without, with) = (await RunAsync(free, ct), await RunAsync(held, ct));
        return 1 - (without.SecondsPerToken / with.SecondsPerToken);
    }

    private async Task<double> SharedBeginningAsync(CancellationToken ct)
    {
        int[] prompt = [.. BenchPlan.Tokens(Shared, 2, engine.Model.VocabularySize), .. BenchPlan.Tokens(8, 3, engine.Model.VocabularySize)];
        var request = Greedy(prompt) with { MaxTokens = 1, PrefixSalt = [.. "bench"u8] };
        var first = await RunAsync(request, ct);
        var second = await RunAsync(request, ct);
        return first.First / second.First;
    }

    private async Task<(double Right, double Gain)> CopyingAsync(CancellationToken ct)
    {
        var text = BenchPlan.Tokens(48, 4, engine.Model.VocabularySize).ToArray();
        var guessing = Greedy([.. Enumerable.Repeat(text, Copies).SelectMany(part => part)]);
        var plain = guessing with { MayGuess = false };
        await RunAsync(guessing, ct);
        var (without, with) = (await RunAsync(plain, ct), await RunAsync(guessing, ct));
        return ((double)with.End.GuessedRight / Math.Max(1, with.End.GuessedTokens), without.SecondsPerToken / with.SecondsPerToken);
    }

    private async Task<(double Engine, double All)> AllocatedAsync(CancellationToken ct)
    {
        var request = Greedy([.. BenchPlan.Tokens(BenchPlan.SeedTokens, 5, engine.Model.VocabularySize)]);
        await RunAsync(request, ct);
        var (leastOwn, leastAll) = (long.MaxValue, long.MaxValue);
        // .NET may take something of its own, once; what a token costs is there each time.
        for (var run = 0; run < AllocationRuns; run++)
        {
            var (all, from, to) = (GC.GetTotalAllocatedBytes(), 0L, 0L);
            await foreach (var _ in engine.GenerateAsync(request, ct))
            {
                // Beginning and end of a generation cost something, its tokens do not.
                if (engine.Load is { Running: > 0 } load)
                    (from, to) = (from == 0 ? load.AllocatedBytes : from, load.AllocatedBytes);
            }

            (leastOwn, leastAll) = (Math.Min(leastOwn, to - from), Math.Min(leastAll, GC.GetTotalAllocatedBytes() - all));
        }

        return (leastOwn / (double)tokens, leastAll / (double)tokens);
    }

    private GenerationRequest Greedy(int[] prompt) => new() { PromptTokens = prompt, MaxTokens = tokens, IgnoreEos = true, Sampling = new() { Temperature = 0 } };

    private async Task<(double First, double SecondsPerToken, Finished End)> RunAsync(GenerationRequest request, CancellationToken ct)
    {
        var (begun, first, end) = (Stopwatch.GetTimestamp(), 0L, default(Finished));
        await foreach (var next in engine.GenerateAsync(request, ct))
        {
            if (first == 0 && next is TextDelta or ReasoningDelta or ToolCallDelta)
                first = Stopwatch.GetTimestamp();
            end = next as Finished ?? end;
        }

        return (Stopwatch.GetElapsedTime(begun, first).TotalSeconds, Stopwatch.GetElapsedTime(first).TotalSeconds / Math.Max(1, end!.CompletionTokens - 1), end);
    }
}
