using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>How a job went: a success with its usage, or a failure.</summary>
public sealed record RunResult
{
    private RunResult()
    {
    }

    /// <summary>What went wrong; null for a success.</summary>
    public RunFailure? Failure { get; private init; }

    /// <summary>What a success used.</summary>
    public Usage Usage { get; private init; } = new();

    /// <summary>A success's trace: 32 bytes, or empty where the runtime has none.</summary>
    public ReadOnlyMemory<byte> TraceRoot { get; private init; }

    /// <summary>Every choice ended.</summary>
    public static RunResult Completed(Usage usage, ReadOnlyMemory<byte> traceRoot = default) => new() { Usage = usage, TraceRoot = traceRoot };

    /// <summary>The job cannot be done, or not to its end.</summary>
    public static RunResult Failed(RunFailure failure) => new() { Failure = failure };
}
