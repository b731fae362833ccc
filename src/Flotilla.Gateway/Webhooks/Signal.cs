namespace Flotilla.Gateway.Webhooks;

/// <summary>Wakes one waiter, who then looks for itself what there is.</summary>
internal sealed class Signal(TimeProvider time)
{
    private TaskCompletionSource _set = Unset();

    /// <summary>Wakes the waiter, or keeps it from its next wait.</summary>
    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits until it is set, or was since the wait before, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        try
        {
            await Volatile.Read(ref _set).Task.WaitAsync(atMost, time, ct);
        }
        catch (TimeoutException)
        {
            // Time to look, whether or not somebody called.
        }

        // What is set between the wait's end and here is seen by the look that follows.
        Volatile.Write(ref _set, Unset());
    }

    private static TaskCompletionSource Unset() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
