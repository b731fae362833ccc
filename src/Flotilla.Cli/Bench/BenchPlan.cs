namespace Flotilla.Cli.Bench;

/// <summary>What is measured.</summary>
/// <param name="Prefill">Tokens of the prompt.</param>
/// <param name="Decode">Tokens generated in each stream.</param>
/// <param name="Streams">Streams at once, one measurement each.</param>
/// <param name="Rounds">How often each is measured; of these the median is shown.</param>
/// <param name="Threads">Threads of each contender.</param>
internal sealed record BenchPlan(int Prefill, int Decode, IReadOnlyList<int> Streams, int Rounds, int Threads)
{
    /// <summary>Tokens that a stream begins with.</summary>
    public const int SeedTokens = 8;

    /// <summary>Positions that all streams of the widest measurement take together, or the prompt.</summary>
    public int TokensMax => Math.Max(Prefill + 1, Streams.Max() * (SeedTokens + Decode + 1));

    /// <summary>Token ids that look like any others and are different for each seed.</summary>
    public static IEnumerable<int> Tokens(int count, int seed, int vocabulary) => Enumerable.Range(0, count).Select(index => (int)(((index * 7919L) + (seed * 31L) + 300) % vocabulary));

    /// <summary>Takes a contender once through what takes most memory.</summary>
    public async Task StretchAsync(IContender contender, CancellationToken ct)
    {
        await contender.PrefillAsync(Prefill, ct);
        await contender.DecodeAsync(Streams.Max(), Decode, ct);
    }

    /// <summary>Measures all contenders in turns, so that what else the machine does falls on all of them alike.</summary>
    /// <param name="contenders">One or two.</param>
    /// <param name="tokenWeightBytes">Bytes of the weights that a token of one stream needs.</param>
    /// <param name="tell">Hears what is being measured.</param>
    /// <param name="ct">Ends the measuring.</param>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(IReadOnlyList<IContender> contenders, long tokenWeightBytes, Action<string> tell, CancellationToken ct)
    {
        var rows = new List<BenchRow>();
        var prefill = $"prefill {Prefill}";
        tell(prefill);
        var firstToken = await MediansAsync(contenders, c => c.PrefillAsync(Prefill, ct), null);
        rows.Add(Row(prefill, firstToken, seconds => Prefill / seconds, isSpeed: true));
        rows.Add(Row($"{prefill}: time to first token, ms", firstToken, seconds => seconds * 1000));
        foreach (var streams in Streams)
        {
            var decode = $"decode {Decode}, {streams} {(streams == 1 ? "stream" : "streams")}";
            tell(decode);
            var (memory, readings) = (streams == 1 ? new MemoryReading(Threads) : null, new List<double>());
            var times = await MediansAsync(contenders, c => c.DecodeAsync(streams, Decode, ct), memory is null ? null : () => readings.Add(memory.Measure()));
            rows.Add(Row(decode, times, seconds => streams * Decode / seconds, isSpeed: true));
            if (memory is null)
                continue;
            var (read, bytes) = (Median(readings), (double)Decode * tokenWeightBytes);
            rows.Add(Row($"{decode}: weights, GB/s", times, seconds => bytes / seconds / 1e9));
            rows.Add(new BenchRow($"memory read by {Threads} {(Threads == 1 ? "thread" : "threads")} meanwhile, GB/s", read / 1e9));
            rows.Add(Row($"{decode}: weights, % of memory read", times, seconds => bytes / seconds / read * 100));
        }

        return rows;
    }

    /// <summary>The seconds of each contender.</summary>
    private async Task<double[]> MediansAsync(IReadOnlyList<IContender> contenders, Func<IContender, Task<double>> run, Action? between)
    {
        var times = contenders.Select(_ => new List<double>()).ToArray();
        // The first round warms caches and code up.
        for (var round = 0; round <= Rounds; round++)
        {
            for (var index = 0; index < contenders.Count; index++)
            {
                var seconds = await run(contenders[index]);
                if (round > 0)
                    times[index].Add(seconds);
            }

            if (round > 0)
                between?.Invoke();
        }

        return [.. times.Select(Median)];
    }

    private static BenchRow Row(string name, double[] times, Func<double, double> value, bool isSpeed = false) =>
        new(name, value(times[0]), times.Length > 1 ? value(times[1]) : null, isSpeed);

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
    }
}
