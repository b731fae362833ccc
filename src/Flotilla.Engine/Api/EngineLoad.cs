namespace Flotilla.Engine;

/// <summary>What the engine is busy with, at one moment.</summary>
/// <param name="Running">Sequences that are computed in every step.</param>
/// <param name="Waiting">Sequences that wait for room; some may have run before and have given way to older ones.</param>
/// <param name="SequencesMax">Sequences that can run at once.</param>
/// <param name="KvBytesHeld">Key-value memory that the running sequences hold.</param>
/// <param name="KvBytesMax">Key-value memory in all.</param>
public readonly record struct EngineLoad(int Running, int Waiting, int SequencesMax, long KvBytesHeld, long KvBytesMax)
{
    /// <summary>Bytes that the engine's own threads have allocated since they started; a token costs none.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Key-value memory made so far: what sequences hold and what they left behind.</summary>
    public long KvBytesMade { get; init; }
}
