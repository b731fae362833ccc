namespace Flotilla.Node.Work;

/// <summary>The jobs that a node may run at once, over all its gateways.</summary>
internal sealed class JobSlots(int slots)
{
    private readonly Lock _lock = new();
    private int _running;
    private TaskCompletionSource? _idle;

    /// <summary>How many there are.</summary>
    public int Slots => slots;

    /// <summary>How many are taken.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>Takes one.</summary>
    /// <returns>False where all are taken.</returns>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_running == slots)
                return false;
            _running++;
            return true;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_running == 0)
                _idle?.TrySetResult();
        }
    }

    /// <summary>Waits until none is taken.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (_running == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }
}
