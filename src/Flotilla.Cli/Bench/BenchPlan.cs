namespace Flotilla.Cli.Bench;

/// <summary>What is measured.</summary>
/// <param name="Prefill">Tokens of the prompt.</param>
/// <param name="Decode">Tokens generated in each stream.</param>
/// <param name="Streams">Streams at once, one measurement each.</param>
/// <param name="Rounds">How often each is measured; of these the median is shown.</param>
internal sealed record BenchPlan(int Prefill, int Decode, IReadOnlyList<int> Streams, int Rounds)
{
    /// <summary>Tokens that a stream begins with.</summary>
    public const int SeedTokens = 8;

    /// <summary>Positions that all streams of the widest measurement take together, or the prompt.</summary>
    public int TokensMax => Math.Max(Prefill + 1, Streams.Max() * (SeedTokens + Decode + 1));

    /// <summary>Token ids that look like any others and are different for each seed.</summary>
    public static IEnumerable<int> Tokens(int count, int seed, int vocabulary) => Enumerable.Range(0, count).Select(index => (int)(((index * 7919L) + (seed * 31L) + 300) % vocabulary));

    /// <summary>Measures all contenders in turns, so that what else the machine does falls on all of them alike.</summary>
    /// <returns>For each measurement its name and, for each contender, tokens per second.</returns>
    public async Task<IReadOnlyList<(string Name, double[] Speeds)>> RunAsync(IReadOnlyList<IContender> contenders, Action<string> tell, CancellationToken ct)
    {
        List<(string Name, int Tokens, Func<IContender, Task<double>> Run)> measurements = [($"prefill {Prefill}", Prefill, c => c.PrefillAsync(Prefill, ct))];
        foreach (var streams in Streams)
            measurements.Add(($"decode {Decode}, {streams} {(streams == 1 ? "stream" : "streams")}", streams * Decode, c => c.DecodeAsync(streams, Decode, ct)));
        var results = new List<(string, double[])>();
        foreach (var (name, tokens, run) in measurements)
        {
            tell(name);
            var speeds = contenders.Select(_ => new List<double>()).ToArray();
            // The first round warms caches and code up.
            for (var round = 0; round <= Rounds; round++)
            {
                for (var index = 0; index < contenders.Count; index++)
                {
                    var seconds = await run(contenders[index]);
                    if (round > 0)
                        speeds[index].Add(tokens / seconds);
                }
            }

            results.Add((name, [.. speeds.Select(Median)]));
        }

        return results;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }
}
