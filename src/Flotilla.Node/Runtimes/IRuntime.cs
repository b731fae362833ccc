using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Something that runs models: the built-in engine, another server, a script. Used by many jobs at once.</summary>
public interface IRuntime
{
    /// <summary>What kind it is, for people and for <see cref="Model.Runtime"/>: <c>engine</c>, <c>upstream</c>.</summary>
    string Kind { get; }

    /// <summary>Looks at what can be served now.</summary>
    /// <returns>The models, or none and what is wrong; the call itself fails only when cancelled.</returns>
    Task<RuntimeState> ProbeAsync(CancellationToken ct);

    /// <summary>Does one job.</summary>
    /// <param name="job">What to do, for one of the models that were offered, and of a kind that the model can do.</param>
    /// <param name="output">Takes the events; it makes the runtime wait while the reader is slow.</param>
    /// <param name="ct">Stops the work: at the next token, not at the end.</param>
    /// <returns>
    /// How it went; nothing is emitted any more once the task has ended. Every choice must have ended before a success. An exception other than that of
    /// <paramref name="ct"/> counts as a failure of the runtime and harms no other job.
    /// </returns>
    Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct);
}
