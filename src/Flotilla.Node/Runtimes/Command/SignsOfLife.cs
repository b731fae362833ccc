using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Says now and then that a job goes on: a program may think for longer than a gateway waits for a first event.</summary>
internal sealed class SignsOfLife : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _saying;

    /// <summary>Begins.</summary>
    public SignsOfLife(IRunOutput output, TimeProvider time, CancellationToken ct)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _saying = SayAsync(output, time, _stop.Token);
    }

    /// <summary>Ends it: none is sent afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _saying;
        _stop.Dispose();
    }

    private static async Task SayAsync(IRunOutput output, TimeProvider time, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(NodeLimits.ProgressInterval, time, ct);
                await output.EmitAsync(new Event { Progress = new Progress() }, ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The job is over, or was stopped: its runtime says which.
        }
    }
}
