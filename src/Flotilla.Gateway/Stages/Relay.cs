using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Nodes;

namespace Flotilla.Gateway.Stages;

/// <summary>Typed events in, the caller's dialect out, at the caller's pace.</summary>
internal sealed class Relay(GatewayOptions options, TimeProvider time)
{
    /// <summary>Pumps one attempt until its last item, which it returns; everything before it is flushed by then. Where the answer is full before that, it returns the item that has filled it.</summary>
    /// <exception cref="OperationCanceledException">The end of patience; the attempt is still open.</exception>
    public async ValueTask<AttemptItem> PumpAsync(JobAttempt attempt, IReceiver answer, Meter meter, Patience patience)
    {
        var window = 0;
        var speaking = false;
        while (true)
        {
            // What waits in the queue is not delivered to a client that has left.
            patience.Token.ThrowIfCancellationRequested();
            // Events that are here already share one flush: one system call for several chunks when the socket is the slow part.
            if (!attempt.TryRead(out var item))
            {
                if (window > 0)
                    window = await FlushAsync(attempt, answer, meter, patience, window);
                patience.Allow(speaking ? options.EventGapTimeout : options.FirstEventTimeout, forNode: true);
                item = await attempt.ReadAsync(patience.Token);
            }

            if (item is AttemptItem.Events events)
            {
                foreach (var one in events.Frame.Events)
                {
                    answer.Append(one);
                    meter.Rendered(one);
                    speaking |= one.TokenCount > 0;
                }

                if (speaking)
                    meter.FirstTokenAt ??= time.GetTimestamp();

                if (answer.IsFull)
                    return events;
                window += events.Bytes;
                if (answer.Unflushed >= GatewayLimits.FlushBytes)
                    window = await FlushAsync(attempt, answer, meter, patience, window);
            }
            else if (item.IsLast)
            {
                if (window > 0)
                    await FlushAsync(attempt, answer, meter, patience, window);
                return item;
            }
        }
    }

    private static async ValueTask<int> FlushAsync(JobAttempt attempt, IReceiver answer, Meter meter, Patience patience, int window)
    {
        patience.Allow(GatewayLimits.SlowReaderTimeout, forNode: false);
        if (await answer.FlushAsync(patience.Token))
            meter.Flushed();
        attempt.Flushed(window);
        return 0;
    }
}
