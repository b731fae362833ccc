using System.Diagnostics;
using System.Net.Sockets;

namespace Flotilla.GatewayBench;

/// <summary>Connections that ask, read the whole answer, and ask again.</summary>
internal static class Load
{
    /// <summary>Runs for a time.</summary>
    /// <returns>Latencies in µs, and how many events came in all.</returns>
    public static async Task<(List<double> Latencies, long Events)> RunAsync(int port, string key, bool stream, int connections, TimeSpan time)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => ConnectionAsync(port, key, stream, until))));
        return ([.. all.SelectMany(a => a.Latencies)], all.Sum(a => a.Events));
    }

    private static async Task<(List<double> Latencies, long Events)> ConnectionAsync(int port, string key, bool stream, long until)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        var socket = client.GetStream();
        var request = Workload.Request($"127.0.0.1:{port}", key, stream);
        var buffer = new byte[64 * 1024];
        var latencies = new List<double>();
        long events = 0;
        while (Stopwatch.GetTimestamp() < until)
        {
            var started = Stopwatch.GetTimestamp();
            await socket.WriteAsync(request);
            events += await ReadAnswerAsync(socket, buffer, stream);
            latencies.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        return (latencies, events);
    }

    /// <summary>Reads one answer; every chunk of a stream begins with "data: ".</summary>
    private static async Task<int> ReadAnswerAsync(NetworkStream socket, byte[] buffer, bool stream)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReadAsync(buffer.AsMemory(length));
            if (read == 0)
                throw new IOException("The connection was closed in the middle of an answer.");
            length += read;
            var text = buffer.AsSpan(0, length);
            if (text.StartsWith("HTTP/1.1 "u8) && length > 12 && !text[9..].StartsWith("200"u8))
                throw new InvalidOperationException($"The answer was {System.Text.Encoding.ASCII.GetString(text)}");
            if (stream ? text.EndsWith("0\r\n\r\n"u8) : IsWhole(text))
                return stream ? text.Count("data: "u8) - 1 : 0;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var head = text.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var field = text.IndexOf("Content-Length: "u8);
        if (field < 0 || field > head)
            return text.EndsWith("0\r\n\r\n"u8);
        var value = text[(field + "Content-Length: ".Length)..];
        value = value[..value.IndexOf((byte)'\r')];
        return text.Length >= head + 4 + int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
