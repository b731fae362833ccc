namespace Flotilla.Engine;

/// <summary>What the engine is busy with, at one moment.</summary>
/// <param name="Running">Sequences that are computed in every step.</param>
/// <param name="Waiting">Sequences that wait for room.</param>
/// <param name="SequencesMax">Sequences that can run at once.</param>
/// <param name="KvBytesReserved">Key-value memory promised to the running sequences.</param>
/// <param name="KvBytesMax">Key-value memory in all.</param>
public readonly record struct EngineLoad(int Running, int Waiting, int SequencesMax, long KvBytesReserved, long KvBytesMax);
