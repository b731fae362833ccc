using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>An HTTP server that writes whatever bytes a test wants, on a raw socket.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<string> _requests = Channel.CreateUnbounded<string>();
    private readonly Func<NetworkStream, CancellationToken, Task> _answer;
    private readonly Task _serving;

    public ScriptedServer(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
        _serving = ServeAsync();
    }

    public ScriptedServer(string answer)
        : this((s, ct) => s.WriteAsync(Encoding.UTF8.GetBytes(answer), ct).AsTask())
    {
    }

    /// <summary>Answers one request after the other; each answer closes its connection.</summary>
    public ScriptedServer(params IReadOnlyList<string> answers)
        : this(Sequence(answers))
    {
    }

    public Uri Url { get; }

    /// <summary>Requests that came and <see cref="RequestAsync"/> has not told of.</summary>
    public int Waiting => _requests.Reader.Count;

    /// <summary>Completes when a client dropped a connection that the server still had open.</summary>
    public TaskCompletionSource Dropped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An answer with these headers and body, after which the connection is closed.</summary>
    public static string Http(int status, string type, string body, string more = "") =>
        $"HTTP/1.1 {status} Status\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{more}\r\n{body}";

    /// <summary>The beginning of an event stream without a length: it ends with the connection.</summary>
    public static string EventStream(params string[] data) =>
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n" + string.Concat(data.Select(d => $"data: {d}\n\n"));

    /// <summary>A chunked event stream that is cut before its last chunk.</summary>
    public static string CutStream(params string[] data) =>
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        + string.Concat(data.Select(d => $"data: {d}\n\n").Select(e => $"{Encoding.UTF8.GetByteCount(e):x}\r\n{e}\r\n"));

    /// <summary>The next request, head and body.</summary>
    public ValueTask<string> RequestAsync() => _requests.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private static Func<NetworkStream, CancellationToken, Task> Sequence(IReadOnlyList<string> answers)
    {
        var left = new Queue<string>(answers);
        return (s, ct) => s.WriteAsync(Encoding.UTF8.GetBytes(left.Dequeue()), ct).AsTask();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                _requests.Writer.TryWrite(await ReadRequestAsync(stream));
                await _answer(stream, _stop.Token);
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Dropped.TrySetResult();
        }
    }

    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        using var request = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            request.Write(buffer, 0, count);
            var bytes = request.GetBuffer().AsSpan(0, (int)request.Length);
            var head = bytes.IndexOf("\r\n\r\n"u8);
            if (count == 0 || (head >= 0 && bytes.Length - head - 4 >= LengthOf(Encoding.UTF8.GetString(bytes[..head]))))
                return Encoding.UTF8.GetString(bytes);
        }
    }

    private static int LengthOf(string head)
    {
        const string Name = "Content-Length: ";
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line[Name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
