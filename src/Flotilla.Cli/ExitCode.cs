namespace Flotilla.Cli;

/// <summary>What the process answers to its caller; listed in <c>flotilla --help</c>.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Ok = 0;

    /// <summary>It did not work; the message says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No gateway answered.</summary>
    public const int Unreachable = 3;

    /// <summary>A receipt or a key is not what it claims to be.</summary>
    public const int NotVerified = 4;
}
