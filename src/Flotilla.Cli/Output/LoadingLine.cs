using Flotilla.Engine;

namespace Flotilla.Cli.Output;

/// <summary>One line that grows while a model loads: for people only, and gone when it is done.</summary>
/// <param name="terminal">Where.</param>
/// <param name="name">What is loading.</param>
internal sealed class LoadingLine(Terminal terminal, string name) : IProgress<LoadProgress>
{
    private const string EraseLine = "\r\u001b[K";
    private const long MiB = 1024 * 1024;

    private readonly Lock _line = new();
    private bool _over;

    public void Report(LoadProgress value)
    {
        if (!terminal.ErrorIsInteractive)
            return;
        var percent = value.BytesTotal > 0 ? 100 * value.BytesRead / value.BytesTotal : 100;
        lock (_line)
        {
            if (!_over)
                terminal.Error.Write($"{EraseLine}Loading {name}: {percent} % of {value.BytesTotal / MiB} MiB");
        }
    }

    /// <summary>Takes the line away; a late report does not bring it back.</summary>
    public void Clear()
    {
        lock (_line)
        {
            _over = true;
            if (terminal.ErrorIsInteractive)
                terminal.Error.Write(EraseLine);
        }
    }
}
