using Flotilla.Core;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>The system's ids, of which the next transfer's can be held back: what asks for it has done its work, and has not stored it yet.</summary>
internal sealed class GatedIdSource : IIdSource, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _open = new();
    private int _isClosed;

    /// <summary>Ends when somebody waits for the id.</summary>
    public Task Reached => _reached.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Holds back the next transfer's id.</summary>
    public void Close() => Volatile.Write(ref _isClosed, 1);

    /// <summary>Gives the id.</summary>
    public void Open() => _open.Set();

    public string Next(string prefix)
    {
        if (prefix == TransferId.Prefix && Interlocked.Exchange(ref _isClosed, 0) == 1)
        {
            _reached.SetResult();
            _open.Wait(TestContext.Current.CancellationToken);
        }

        return SystemIdSource.Instance.Next(prefix);
    }

    public void Fill(Span<byte> bytes) => SystemIdSource.Instance.Fill(bytes);

    public void Dispose() => _open.Dispose();
}
