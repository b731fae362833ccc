namespace Flotilla.Engine;

/// <summary>How one engine uses its machine. None of these changes a result: see docs/numerics.md.</summary>
public sealed record EngineOptions
{
    /// <summary>Compute threads, the engine's own loop among them; 0 takes every core.</summary>
    public int Threads { get; init; }

    /// <summary>Sequences that run at once; those whose callers do not read take no place.</summary>
    public int SequencesMax { get; init; } = EngineLimits.SequencesDefault;

    /// <summary>
    /// Sequences that may wait for their turn, at least 1, for each waits until a step begins; one more is refused as
    /// <see cref="GenerationRejection.QueueFull"/>. As many may have begun beyond <see cref="SequencesMax"/> because others' callers do not read.
    /// </summary>
    public int QueueMax { get; init; } = EngineLimits.QueueDefault;

    /// <summary>A context shorter than the model's own, in tokens; 0 takes the model's.</summary>
    public int ContextTokensMax { get; init; }

    /// <summary>Memory for keys and values of all sequences together, in bytes; 0 takes a quarter of the machine's memory.</summary>
    public long KvBytesMax { get; init; }

    /// <summary>How much of that memory prompts may keep that nobody works on any more, in bytes; null takes a quarter, 0 keeps none.</summary>
    public long? PrefixBytesMax { get; init; }

    /// <summary>Tokens computed in one step at most: the longest a cancellation waits, and a new sequence for its first chunk.</summary>
    public int StepTokensMax { get; init; } = EngineLimits.StepTokensDefault;

    /// <summary>
    /// Tokens of a completion that are guessed at once, from what followed the last time that its latest tokens stood in prompt or
    /// completion, and checked in one step; 0 guesses none. Where guesses are seldom right they stop by themselves.
    /// </summary>
    public int GuessesMax { get; init; } = EngineLimits.GuessesDefault;

    /// <summary>Cuts the layers into this many stages of nearly equal length.</summary>
    public int Stages { get; init; } = 1;

    /// <summary>Work below which a phase stays on one thread; tests set 0, so that tiny models use all threads.</summary>
    internal long ParallelCostMin { get; init; } = global::Flotilla.Engine.Threads.ComputePool.CostMinDefault;

    /// <summary>The width of the vector code.</summary>
    public KernelWidth Kernels { get; init; }
}
