using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.State;

/// <summary>Work with an answer.</summary>
internal sealed class StateOperation<T>(Func<SqliteConnection, T> work) : StateOperation
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _answer = default!;

    public Task<T> Task => _done.Task;

    public override void Execute(SqliteConnection database) => _answer = work(database);

    public override void Complete() => _done.TrySetResult(_answer);

    public override void Fail(Exception reason) => _done.TrySetException(reason);
}
