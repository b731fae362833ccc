namespace Flotilla.Cli;

/// <summary>A command ends here: shown as two lines on stderr, without a stack.</summary>
/// <param name="exitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="message">What was wrong, with the value.</param>
/// <param name="fix">What to do about it; empty when the message says so.</param>
internal sealed class CommandFailedException(int exitCode, string message, string fix = "") : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Fix { get; } = fix;
}
