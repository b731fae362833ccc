using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Flotilla.Engine;
using Flotilla.Testing.Models;

// enginebench [MODEL.gguf | demo | TYPE] [threads=0] [prompt=256] [tokens=128] [streams=1] [rounds=5]
// "demo" is a model of random weights in the shape of the demonstration model, a type such as Q4_K one of 151 million weights
// of that type, more than a processor's caches hold. Speed does not depend on the weights.
var path = args.ElementAtOrDefault(0) ?? "demo";
var (threads, prompt, tokens, streams, rounds) = (Number(1, 0), Number(2, 256), Number(3, 128), Number(4, 1), Number(5, 5));

using var synthetic = path == "demo" ? SyntheticModelFile.Create(SyntheticModelOptions.DemoShape)
    : Enum.TryParse<WeightType>(path, out var type) ? SyntheticModelFile.Create(SyntheticModelOptions.LargerThanCaches(type))
    : null;
var start = Stopwatch.GetTimestamp();
await using var engine = await InferenceEngine.LoadAsync(synthetic?.Path ?? path, new EngineOptions { Threads = threads });
Console.WriteLine(FormattableString.Invariant(
    $"{engine.Model.Name}: {engine.Model.ParameterCount / 1e6:F1} M parameters, loaded in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms"));
Console.WriteLine(FormattableString.Invariant(
    $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, threads {threads} (0 = all)"));
Console.WriteLine("round  first token ms  prompt tok/s  generated tok/s  tokens per CPU second");
for (var round = 0; round < rounds; round++)
{
    var cpu = Environment.CpuUsage.TotalTime;
    var runs = await Task.WhenAll(Enumerable.Range(0, streams).Select(RunAsync));
    var cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
    var (first, seconds) = (runs.Max(run => run.First), runs.Max(run => run.Later));
    Console.WriteLine(FormattableString.Invariant(
        $"{round,5}  {first * 1000,14:F1}  {streams * prompt / first,12:F0}  {streams * (tokens - 1) / seconds,15:F0}  {streams * (prompt + tokens) / cpuSeconds,21:F0}"));
}

async Task<(double First, double Later)> RunAsync(int stream)
{
    var request = new GenerationRequest
    {
        PromptTokens = [.. Enumerable.Range(0, prompt).Select(index => ((index * 31) + stream) % engine.Model.VocabularySize)],
        MaxTokens = tokens, IgnoreEos = true, Sampling = new() { Seed = (ulong)stream },
    };
    var begun = Stopwatch.GetTimestamp();
    var first = 0L;
    await foreach (var next in engine.GenerateAsync(request))
    {
        if (next is TextDelta && first == 0)
            first = Stopwatch.GetTimestamp();
    }

    return (Stopwatch.GetElapsedTime(begun, first).TotalSeconds, Stopwatch.GetElapsedTime(first).TotalSeconds);
}

int Number(int index, int fallback) =>
    args.ElementAtOrDefault(index) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : fallback;
