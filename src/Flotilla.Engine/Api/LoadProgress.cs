namespace Flotilla.Engine;

/// <summary>How far the loading of a model file is; reported a few dozen times per file, the last one complete.</summary>
public readonly record struct LoadProgress(long BytesRead, long BytesTotal);
