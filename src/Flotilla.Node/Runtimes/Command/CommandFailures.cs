using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>How programs that did not do their job look to a client.</summary>
internal static class CommandFailures
{
    /// <summary>A program or a folder that the command needs is not there.</summary>
    public static RunFailure Missing { get; } = new(Code.Unavailable, "The model's programs are not there now.", Retryable: true);

    /// <summary>The programs ended well and made nothing.</summary>
    public static RunFailure Empty { get; } = new(Code.Runtime, "The model's program made nothing of it.", Retryable: true);

    /// <summary>What they wrote is not what the command says that they write.</summary>
    public static RunFailure Strange { get; } = new(Code.Runtime, "The model's program answered with something that could not be read.", Retryable: true);

    /// <summary>What they made is more than an answer may have.</summary>
    /// <param name="bytesMax">The most bytes.</param>
    public static RunFailure TooLarge(long bytesMax) => new(Code.Runtime, $"The model's program made more than {bytesMax} bytes, the most that an answer to this request has.", Retryable: false);

    /// <summary>The client's file is none.</summary>
    /// <param name="field">Where it came.</param>
    public static RunFailure Unreadable(string field) =>
        new(Code.InvalidRequest, "The file could not be read: it is damaged, or of a kind that this model does not know.", Retryable: false) { Param = field };

    /// <summary>More than the client can be charged for.</summary>
    public static RunFailure TooLong(long secondsMax) => new(
        Code.InvalidRequest, $"The file holds more sound than the {secondsMax} s that a file of its kind and length can be charged for. Send it in a usual format and bit rate.", Retryable: false) { Param = "file" };

    /// <summary>The failure for an end that is none.</summary>
    public static RunFailure Of(ProgramEnd end, CommandOptions options) => end switch
    {
        ProgramEnd.TimedOut => new RunFailure(Code.Runtime, $"The model's program took longer than the {options.Seconds} s that its owner allows.", Retryable: false),
        ProgramEnd.TooMuchOutput => new RunFailure(Code.Runtime, $"The model's program wrote more than the {options.OutputMegabytes} MiB that its owner allows.", Retryable: false),
        ProgramEnd.TooMuchDisk => new RunFailure(Code.Runtime, $"The model's program stored more than the {options.DiskMegabytes} MiB that its owner allows.", Retryable: false),
        ProgramEnd.TooManyProcesses => new RunFailure(Code.Runtime, $"The model's program became more than the {options.Processes} processes that its owner allows.", Retryable: false),
        _ => new RunFailure(Code.Runtime, "The model's program failed.", Retryable: true),
    };
}
