using System.Diagnostics;

namespace Flotilla.Cli.Bench;

/// <summary>The same file in llama.cpp: the forward pass alone, its logits read and nothing drawn from them.</summary>
internal sealed class LlamaContender(LlamaCpp.Session session, int vocabulary) : IContender
{
    private readonly float[] _logits = new float[vocabulary];
    private int _round;

    public string Name => "llama.cpp";

    public Task<double> PrefillAsync(int tokens, CancellationToken ct) => Task.Run(() => Prefill(tokens), ct);

    public Task<double> DecodeAsync(int streams, int tokens, CancellationToken ct) => Task.Run(() => Decode(streams, tokens, ct), ct);

    public ValueTask DisposeAsync()
    {
        session.Dispose();
        return ValueTask.CompletedTask;
    }

    private double Prefill(int tokens)
    {
        session.Clear();
        var prompt = BenchPlan.Tokens(tokens, _round++, vocabulary).ToArray();
        var begun = Stopwatch.GetTimestamp();
        session.Compute([.. prompt.Select((token, index) => (token, index, 0, index == prompt.Length - 1))]);
        session.CopyLogits(prompt.Length - 1, _logits);
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private double Decode(int streams, int tokens, CancellationToken ct)
    {
        session.Clear();
        for (var stream = 0; stream < streams; stream++)
            session.Compute([.. BenchPlan.Tokens(BenchPlan.SeedTokens, stream + _round++, vocabulary).Select((token, index) => (token, index, stream, index == BenchPlan.SeedTokens - 1))]);
        var step = new (int, int, int, bool)[streams];
        var begun = Stopwatch.GetTimestamp();
        for (var token = 0; token < tokens; token++)
        {
            ct.ThrowIfCancellationRequested();
            for (var stream = 0; stream < streams; stream++)
                step[stream] = (((token * 7) + stream) % vocabulary, BenchPlan.SeedTokens + token, stream, true);
            session.Compute(step);
            for (var stream = 0; stream < streams; stream++)
                session.CopyLogits(stream, _logits);
        }

        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
