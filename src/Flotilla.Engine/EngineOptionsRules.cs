namespace Flotilla.Engine;

/// <summary>The ranges of an engine's options.</summary>
internal static class EngineOptionsRules
{
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static void Check(EngineOptions options)
    {
        Range(nameof(options.Threads), options.Threads, 0, EngineLimits.ThreadsMax);
        Range(nameof(options.SequencesMax), options.SequencesMax, 1, EngineLimits.SequencesMax);
        Range(nameof(options.QueueMax), options.QueueMax, 1, int.MaxValue);
        Range(nameof(options.ContextTokensMax), options.ContextTokensMax, 0, EngineLimits.ContextTokensMax);
        Range(nameof(options.KvBytesMax), options.KvBytesMax, 0, long.MaxValue);
        Range(nameof(options.PrefixBytesMax), options.PrefixBytesMax ?? 0, 0, long.MaxValue);
        Range(nameof(options.StepTokensMax), options.StepTokensMax, 1, EngineLimits.StepTokensMax);
        Range(nameof(options.GuessesMax), options.GuessesMax, 0, EngineLimits.GuessesMax);
        Range(nameof(options.Stages), options.Stages, 1, EngineLimits.LayersMax);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"Engine option {name} must be {min} to {max}.");
    }
}
