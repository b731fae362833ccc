namespace Flotilla.Engine.Gguf;

/// <summary>Adds up what is read of a model's files and reports it once their length is known.</summary>
internal sealed class ReadCounter(IProgress<LoadProgress>? progress)
{
    private long _read;
    private long _total;

    /// <summary>Begins to report.</summary>
    public void Start(long total)
    {
        _total = total;
        Add(0);
    }

    /// <summary>Counts bytes.</summary>
    public void Add(int bytes)
    {
        _read += bytes;
        if (_total > 0)
            progress?.Report(new LoadProgress(_read, _total));
    }
}
