namespace Flotilla.Ledger;

/// <summary>Work with an answer.</summary>
/// <param name="work">Runs on the writer thread.</param>
/// <param name="committed">Runs on the writer thread when the work is durable, before the caller hears of it.</param>
internal sealed class LedgerOperation<T>(Func<WriterState, T> work, Action<T>? committed) : LedgerOperation
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _answer = default!;

    public Task<T> Task => _done.Task;

    public override void Execute(WriterState state) => _answer = work(state);

    public override void Complete()
    {
        committed?.Invoke(_answer);
        _done.SetResult(_answer);
    }

    public override void Fail(Exception reason) => _done.TrySetException(reason);
}
