using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>The real executable in a process of its own, as a user starts it.</summary>
public sealed class FlotillaProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;

    private FlotillaProcess(string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "flotilla.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output, _lines.Writer), ReadAsync(_process.StandardError, _error, null));
    }

    /// <summary>What it wrote to stdout so far.</summary>
    public string Output => Locked(_output);

    /// <summary>What it wrote to stderr so far.</summary>
    public string Error => Locked(_error);

    /// <summary>Starts it.</summary>
    public static FlotillaProcess Start(string[] arguments) => new(arguments);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Exit code, stdout and stderr.</returns>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, CancellationToken ct, string input = "")
    {
        await using FlotillaProcess process = new(arguments);
        await process._process.StandardInput.WriteAsync(input.AsMemory(), ct);
        process._process.StandardInput.Close();
        var code = await process.WaitAsync(ct);
        return (code, process.Output, process.Error);
    }

    /// <summary>Waits for a line of stdout that contains the text; fails, with what was written instead, when the process ends before.</summary>
    public async Task<string> WaitForAsync(string text, CancellationToken ct)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(ct))
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }
        var code = await WaitAsync(ct);
        throw new InvalidOperationException($"flotilla ended with {code} before it wrote '{text}'.\nstdout: {Output}\nstderr: {Error}");
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        await _reading.WaitAsync(ct);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, such as TERM. Not INT: a test run in the background of a shell inherits that it is ignored.</summary>
    public async Task SignalAsync(string signal, CancellationToken ct)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(ct);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await WaitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder all, ChannelWriter<string>? lines)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            lock (all)
                all.AppendLine(line);
            lines?.TryWrite(line);
        }
        lines?.Complete();
    }

    private static string Locked(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
