namespace Flotilla.Gateway.Batches;

/// <summary>A line of a file that is not blank.</summary>
/// <param name="Number">From 1, blank lines counted.</param>
/// <param name="Bytes">Without its end; null where it is longer than a line may be.</param>
/// <param name="End">Where in the file the next line begins.</param>
/// <param name="IsEnded">Whether a line feed ends it: the last line of a file that a crash cut off has none.</param>
internal readonly record struct BatchText(int Number, byte[]? Bytes, long End, bool IsEnded);
