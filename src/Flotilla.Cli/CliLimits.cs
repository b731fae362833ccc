namespace Flotilla.Cli;

/// <summary>The bounds of the command line; what it reads may come from anybody.</summary>
internal static class CliLimits
{
    /// <summary>Bytes of an answer of the admin API: the gateway's 10,000 rows of at most about 1 KB.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;

    /// <summary>Characters read from a pipe as one chat message: the gateway's limit for a body, in the worst case of one byte each.</summary>
    public const int PipedCharactersMax = 8 * 1024 * 1024;

    /// <summary>Time for an answer of the admin API; every one is a query over local tables.</summary>
    public static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Time for a connection: a gateway on another continent answers within one.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Time for the node of <c>up</c> to join and pass its test job; a large model on a slow disk is loaded before.</summary>
    public static readonly TimeSpan AdmissionTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Credits that the first namespace of a new data folder starts with: 1,000 credits, nominally 10 USD.</summary>
    public static readonly Core.Credits WelcomeCredits = new(1_000 * Core.Credits.MicroPerCredit);
}
