using System.Diagnostics;
using Flotilla.Engine;

namespace Flotilla.Cli.Bench;

/// <summary>The built-in engine, everything that a job costs there included: drawing, text, events.</summary>
internal sealed class EngineContender(InferenceEngine engine) : IContender
{
    private int _round;

    public string Name => "flotilla";

    public async Task<double> PrefillAsync(int tokens, CancellationToken ct) => (await RunAsync(Request(0, tokens, 1), ct)).First;

    public async Task<double> DecodeAsync(int streams, int tokens, CancellationToken ct)
    {
        // One token more: the first of each comes with its prompt and is not counted.
        var begun = Stopwatch.GetTimestamp();
        var runs = await Task.WhenAll(Enumerable.Range(0, streams).Select(stream => RunAsync(Request(stream, BenchPlan.SeedTokens, tokens + 1), ct)));
        return Stopwatch.GetElapsedTime(begun).TotalSeconds - runs.Max(run => run.First);
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private GenerationRequest Request(int stream, int prompt, int tokens) => new()
    {
        PromptTokens = [.. BenchPlan.Tokens(prompt, stream + _round++, engine.Model.VocabularySize)], MaxTokens = tokens, IgnoreEos = true, MayGuess = false, Sampling = new() { Temperature = 0 },
    };

    private async Task<(double First, double Whole)> RunAsync(GenerationRequest request, CancellationToken ct)
    {
        var (begun, first) = (Stopwatch.GetTimestamp(), 0L);
        await foreach (var next in engine.GenerateAsync(request, ct))
        {
            if (first == 0 && next is TextDelta or ReasoningDelta or ToolCallDelta)
                first = Stopwatch.GetTimestamp();
        }

        return (Stopwatch.GetElapsedTime(begun, first).TotalSeconds, Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }
}
