using System.Diagnostics;

namespace Flotilla.Ledger.Tests;

/// <summary>This same program, started once more as a <see cref="LoadChild"/>.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="database">The ledger that the child shall load.</param>
    /// <param name="wrapper">A program and its arguments that start the child in turn.</param>
    public ChildProcess(string database, params string[] wrapper)
    {
        var host = Environment.ProcessPath!;
        string[] command = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, typeof(ChildProcess).Assembly.Location] : [host];
        string[] all = [.. wrapper, .. command, LoadChild.Verb, database];
        _process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    /// <summary>The next line of output; null at its end.</summary>
    public ValueTask<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

    /// <summary>What the child wrote to its error output, once it has ended.</summary>
    public Task<string> ReadErrorAsync() => _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public Task EndAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
