namespace Flotilla.Gateway;

/// <summary>Counts the requests that run, and closes the door when the gateway is about to stop.</summary>
internal sealed class DrainGate
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _draining;

    /// <summary>Whether new requests are turned away.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_lock)
                return _draining;
        }
    }

    /// <summary>Lets one request in, unless the gateway drains.</summary>
    /// <param name="isInternal">A part of a request that was let in before, which shall finish.</param>
    public bool TryEnter(bool isInternal)
    {
        lock (_lock)
        {
            if (_draining && !isInternal)
                return false;
            _running++;
            return true;
        }
    }

    /// <summary>The request is over, settled included.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0 && _draining)
                _empty.TrySetResult();
        }
    }

    /// <summary>Closes the door; the task ends when the last request has left.</summary>
    public Task DrainAsync()
    {
        lock (_lock)
        {
            _draining = true;
            if (_running == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }
}
