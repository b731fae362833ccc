namespace Flotilla.Gateway.Idempotency;

/// <summary>The readers of a run that goes on for them alone: it waits for the foremost, and ends when nobody is left whom the answer could reach.</summary>
/// <param name="patience">Time that it goes on after the last reader left, where none has seen a byte: an SDK repeats no other request.</param>
/// <param name="time">The clock.</param>
internal sealed class ReaderPace(TimeSpan patience, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _abandoned = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _alarm;
    private int _readers = 1;
    private int _taken;
    private bool _isClosed;
    private bool _isOver;
    private bool _isGivenUp;

    /// <summary>Nobody is left: the run ends.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Whether the last reader has left without an answer.</summary>
    public bool IsLeft
    {
        get
        {
            lock (_lock)
                return _readers == 0 && !_isOver;
        }
    }

    /// <summary>Whether the beginning of the answer is still there for one more reader.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
                return !_isClosed;
        }
    }

    /// <summary>One more reader comes; <see cref="Leave"/> follows. False where the run was given up, or can no longer be read from its beginning.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isClosed || _abandoned.IsCancellationRequested)
                return false;
            _readers++;
            _alarm?.Dispose();
            Move();
            return true;
        }
    }

    /// <summary>A reader leaves, with the whole answer or without.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_readers > 0 || _isOver)
                return;
            if (_taken == 0)
            {
                _alarm = time.CreateTimer(static pace => ((ReaderPace)pace!).GiveUp(), this, patience, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        GiveUp();
    }

    /// <summary>A reader has so many pieces of the answer.</summary>
    public void Taken(int pieces)
    {
        lock (_lock)
        {
            _taken = Math.Max(_taken, pieces);
            Move();
        }
    }

    /// <summary>Lets no more readers in, where there is one alone who has so many pieces: nobody will ask for these again.</summary>
    public bool TryClose(int pieces)
    {
        lock (_lock)
        {
            _isClosed |= _readers == 1 && _taken >= pieces;
            return _isClosed;
        }
    }

    /// <summary>Waits until a reader is there and has so many pieces: what nobody has is not charged.</summary>
    /// <param name="pieces">Pieces that the run has said; none waits for a reader alone.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">That, or nobody came.</exception>
    public async ValueTask WaitAsync(int pieces, CancellationToken cancellation)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_readers > 0 && _taken >= pieces)
                    return;
                if (_isGivenUp)
                    throw new OperationCanceledException("Nobody came for the answer.", Abandoned);
                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellation);
        }
    }

    /// <summary>The run has ended: who leaves now leaves nothing behind.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            _alarm?.Dispose();
        }
    }

    public void Dispose()
    {
        End();
        _abandoned.Dispose();
    }

    private void GiveUp()
    {
        lock (_lock)
        {
            // Somebody came while the alarm rang; or there is nothing left to end.
            if (_readers == 0 && !_isOver)
                _ = GiveUpAsync();
        }
    }

    /// <summary>What is to be cancelled is, before a wait ends: whoever waited shall find out why.</summary>
    private async Task GiveUpAsync()
    {
        await _abandoned.CancelAsync();
        lock (_lock)
        {
            _isGivenUp = true;
            Move();
        }
    }

    private void Move()
    {
        _moved.SetResult();
        _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
