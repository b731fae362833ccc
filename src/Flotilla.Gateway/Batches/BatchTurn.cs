namespace Flotilla.Gateway.Batches;

/// <summary>One batch's share of the turns in which batches begin lines.</summary>
internal sealed class BatchTurn(SemaphoreSlim turns) : IDisposable
{
    private bool _isHeld;

    /// <summary>Waits for a turn.</summary>
    /// <exception cref="OperationCanceledException">It is not waited for any more.</exception>
    public async Task TakeAsync(CancellationToken cancellation)
    {
        await turns.WaitAsync(cancellation);
        _isHeld = true;
    }

    /// <summary>Lets another batch have it; nothing where there is none.</summary>
    public void GiveUp()
    {
        if (_isHeld)
            turns.Release();
        _isHeld = false;
    }

    public void Dispose() => GiveUp();
}
