namespace Flotilla.Node.Runtimes.Command;

/// <summary>How the programs of a job ended.</summary>
internal enum ProgramEnd
{
    /// <summary>All of them well.</summary>
    Completed,

    /// <summary>One of them with an exit code other than 0.</summary>
    Failed,

    /// <summary>They took too long.</summary>
    TimedOut,

    /// <summary>They wrote too much.</summary>
    TooMuchOutput,

    /// <summary>The client's sound is longer than its file can be charged for.</summary>
    TooLong,

    /// <summary>They put too much into the working folder.</summary>
    TooMuchDisk,

    /// <summary>One of them became too many processes.</summary>
    TooManyProcesses,
}
