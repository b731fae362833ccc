namespace Flotilla.Node.Work;

/// <summary>
/// How many event bytes of one job may be on the way. An event larger than the whole window passes when nothing else is on
/// the way; otherwise it could never be sent.
/// </summary>
internal sealed class CreditWindow(int size)
{
    private readonly Lock _lock = new();
    private long _available = size;
    private TaskCompletionSource? _room;
    private bool _isClosed;

    /// <summary>Takes room for an event, or waits for it. One caller at a time.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the window is closed.</exception>
    public async ValueTask TakeAsync(int bytes, CancellationToken ct)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_isClosed)
                    throw new OperationCanceledException("The job is over.");
                if (bytes <= _available || _available == size)
                {
                    _available -= bytes;
                    return;
                }

                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(ct);
        }
    }

    /// <summary>The gateway handed on this many bytes. A gateway that grants more than it was sent widens nothing.</summary>
    public void Grant(uint bytes)
    {
        lock (_lock)
        {
            _available = Math.Min(size, _available + bytes);
            _room?.TrySetResult();
            _room = null;
        }
    }

    /// <summary>Lets nothing more out; who waits for room gives up.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _room?.TrySetResult();
            _room = null;
        }
    }
}
