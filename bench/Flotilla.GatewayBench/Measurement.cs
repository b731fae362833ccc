using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.GatewayBench;

/// <summary>Starts the subjects, warms them up and prints one row for each case, in rounds that alternate between them.</summary>
internal static class Measurement
{
    private static readonly int[] Connections = [1, 16, 64];

    public static async Task<int> RunAsync(int warmUpSeconds, int caseSeconds)
    {
        var ports = Fleet.FreePorts(2);
        using var upstream = Child.Start("gatewaybench.dll", "upstream", Text(ports[0]));
        using var forward = Child.Start("gatewaybench.dll", "forward", Text(ports[1]), $"http://127.0.0.1:{ports[0]}");
        using var fleet = await Fleet.StartAsync(Workload.Words);
        await UntilListeningAsync(ports[1]);

        Subject[] subjects = [new("forwarder", ports[1], [forward]), new("flotilla", fleet.Port, [fleet.Gateway, fleet.Node])];
        foreach (var subject in subjects)
        {
            await Load.RunAsync(subject.Port, fleet.Key, stream: false, 16, TimeSpan.FromSeconds(warmUpSeconds / 2.0));
            await Load.RunAsync(subject.Port, fleet.Key, stream: true, 16, TimeSpan.FromSeconds(warmUpSeconds / 2.0));
        }

        Console.WriteLine("| subject | kind | connections | requests/s | p50 µs | p99 µs | CPU µs per request | CPU µs per chunk | RSS MB |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var stream in new[] { false, true })
        {
            foreach (var connections in Connections)
            {
                foreach (var subject in subjects)
                    await MeasureAsync(subject, fleet.Key, stream, connections, caseSeconds);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(Subject subject, string key, bool stream, int connections, int seconds)
    {
        var before = subject.Processes.Select(p => p.CpuMicroseconds).ToArray();
        var (latencies, events) = await Load.RunAsync(subject.Port, key, stream, connections, TimeSpan.FromSeconds(seconds));
        var cpu = subject.Processes.Select((p, i) => p.CpuMicroseconds - before[i]).ToArray();
        latencies.Sort();
        var perRequest = string.Join(" + ", cpu.Select(c => (c / latencies.Count).ToString("0", CultureInfo.InvariantCulture)));
        var perChunk = stream ? (cpu.Sum() / events).ToString("0.0", CultureInfo.InvariantCulture) : "";
        var memory = string.Join(" + ", subject.Processes.Select(p => p.ResidentMegabytes.ToString("0", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {subject.Name} | {(stream ? "stream" : "whole")} | {connections} | {latencies.Count / (double)seconds:0} | {latencies[latencies.Count / 2]:0} | {latencies[latencies.Count * 99 / 100]:0} | {perRequest} | {perChunk} | {memory} |"));
    }

    private static async Task UntilListeningAsync(int port)
    {
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Subject(string Name, int Port, Child[] Processes);
}
