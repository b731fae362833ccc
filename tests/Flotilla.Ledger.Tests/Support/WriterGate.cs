namespace Flotilla.Ledger.Tests;

/// <summary>Holds the writer thread inside an operation, so that a test decides what waits behind it.</summary>
internal sealed class WriterGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _holding;

    public WriterGate(LedgerStore store) => _holding = store.RunAsync(
        _ =>
        {
            _closed.TrySetResult();
            _open.Wait(TestLedger.Ct);
            return 0;
        },
        TestLedger.Ct);

    /// <summary>Completes when the writer stands in the gate: what is queued from now on is not in its batch.</summary>
    public Task Closed => _closed.Task;

    public async Task OpenAsync()
    {
        _open.Set();
        await _holding;
    }

    public void Dispose() => _open.Set();
}
