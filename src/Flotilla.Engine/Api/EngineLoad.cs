namespace Flotilla.Engine;

/// <summary>What the engine is busy with, at one moment.</summary>
/// <param name="Running">Sequences that are computed in every step.</param>
/// <param name="Waiting">Sequences that wait for room or for a place in the steps; some may have run before and have given way to older ones.</param>
/// <param name="SequencesMax">Sequences that can run at once.</param>
/// <param name="KvBytesHeld">Key-value memory that all sequences hold together.</param>
/// <param name="KvBytesMax">Key-value memory in all.</param>
public readonly record struct EngineLoad(int Running, int Waiting, int SequencesMax, long KvBytesHeld, long KvBytesMax)
{
    /// <summary>Key-value memory made so far: what sequences hold, held or left behind.</summary>
    public long KvBytesMade { get; init; }

    /// <summary>Sequences whose callers leave too much unread: they take nobody's place, and their memory only until somebody needs it.</summary>
    public int Paused { get; init; }

    /// <summary>Bytes that the engine's own threads have allocated since they started; a token costs none.</summary>
    public long AllocatedBytes { get; init; }
}
