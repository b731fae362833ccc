namespace Flotilla.Gateway.Batches;

/// <summary>A batch's lines: how many, how many answered, how many failed.</summary>
internal sealed record BatchCounts(long Total, long Completed, long Failed);
