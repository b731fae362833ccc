namespace Flotilla.Gateway.Webhooks;

/// <summary>Turns that namespaces share. Each takes at most as many as it leaves free, so that whoever has few finds some: of n that would have all of them, each has one in n + 1.</summary>
/// <param name="atOnceMax">How many there are.</param>
internal sealed class Turns(int atOnceMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Owner, TaskCompletionSource Turn)> _waiting = new();
    private int _taken;

    /// <summary>Takes a turn, or waits for one; <see cref="Leave"/> gives it back.</summary>
    public Task TakeAsync(string owner, CancellationToken stop)
    {
        lock (_lock)
        {
            if (TryTake(owner))
                return Task.CompletedTask;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return WaitAsync(_waiting.AddLast((owner, turn)), stop);
        }
    }

    /// <summary>The turn is over; the next goes to the first who waits and may have it.</summary>
    public void Leave(string owner)
    {
        lock (_lock)
        {
            _taken--;
            if (--_held[owner] == 0)
                _held.Remove(owner);
            for (var next = _waiting.First; next is not null;)
            {
                var waiter = next;
                next = next.Next;
                if (!TryTake(waiter.Value.Owner))
                    continue;
                _waiting.Remove(waiter);
                waiter.Value.Turn.SetResult();
            }
        }
    }

    private async Task WaitAsync(LinkedListNode<(string Owner, TaskCompletionSource Turn)> waiter, CancellationToken stop)
    {
        await using var stopped = stop.UnsafeRegister(_ => Forget(waiter, stop), null);
        await waiter.Value.Turn.Task;
    }

    private void Forget(LinkedListNode<(string Owner, TaskCompletionSource Turn)> waiter, CancellationToken stop)
    {
        lock (_lock)
        {
            // It may have its turn already.
            if (waiter.List is null)
                return;
            _waiting.Remove(waiter);
            waiter.Value.Turn.SetCanceled(stop);
        }
    }

    private bool TryTake(string owner)
    {
        var held = _held.GetValueOrDefault(owner);
        if (held >= atOnceMax - _taken)
            return false;
        _held[owner] = held + 1;
        _taken++;
        return true;
    }
}
