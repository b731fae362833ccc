using Flotilla.Gateway.State;

namespace Flotilla.Gateway.Calls;

/// <summary>Where an answer grows that may be too large for memory: on the disk, in the place where it is kept. Not thread-safe.</summary>
internal sealed class AnswerFile(Blobs blobs, string id) : IAsyncDisposable
{
    private FileStream? _file;
    private bool _isBegun;
    private bool _isKept;

    /// <summary>Bytes of the whole answer; null until it is whole, and durable.</summary>
    public long? Bytes { get; private set; }

    /// <summary>Adds a piece.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellation) =>
        await Begun().WriteAsync(piece, cancellation);

    /// <summary>Forgets what was written.</summary>
    public void Restart()
    {
        Bytes = null;
        _file?.SetLength(0);
    }

    /// <summary>Makes the answer durable.</summary>
    public async ValueTask FinishAsync()
    {
        Bytes = await blobs.FinishAsync(id, Begun());
        _file = null;
    }

    /// <summary>The whole answer.</summary>
    public Stream Open() => blobs.Open(id);

    /// <summary>Leaves the answer where it is: a row names it from now on.</summary>
    public void Keep() => _isKept = true;

    /// <summary>Removes what nobody keeps. An answer that came by another way is not touched, though it lies in the same place.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isBegun || _isKept)
            return;
        _isBegun = false;
        if (_file is not null)
            await _file.DisposeAsync();
        blobs.Delete(id);
    }

    private FileStream Begun()
    {
        _isBegun = true;
        return _file ??= blobs.Create(id);
    }
}
