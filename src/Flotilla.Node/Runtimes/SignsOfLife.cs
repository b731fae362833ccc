using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// Passes a job's events on, and says now and then that it goes on: a program or a server may think for longer than a gateway waits
/// for an event. What is said belongs to a choice that has not ended.
/// </summary>
internal sealed class SignsOfLife : IRunOutput, IAsyncDisposable
{
    private readonly IRunOutput _output;
    // Never disposed: it has no handle to free.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly bool[] _ended;
    private readonly CancellationTokenSource _stop;
    private readonly Task _saying;

    /// <summary>Begins.</summary>
    public SignsOfLife(IRunOutput output, int choices, TimeProvider time, CancellationToken ct)
    {
        _output = output;
        _ended = new bool[choices];
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _saying = SayAsync(time, _stop.Token);
    }

    /// <inheritdoc />
    public async ValueTask EmitAsync(Event item, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await _output.EmitAsync(item, ct);
            _ended[item.Choice] |= item.BodyCase == Event.BodyOneofCase.ChoiceDone;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends it: none is sent afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _saying;
        _stop.Dispose();
    }

    private async Task SayAsync(TimeProvider time, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(NodeLimits.ProgressInterval, time, ct);
                await SayAsync(ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The job is over, or was stopped: its runtime says which.
        }
    }

    private async Task SayAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (Array.IndexOf(_ended, false) is >= 0 and var open)
                await _output.EmitAsync(new Event { Choice = (uint)open, Progress = new Progress() }, ct);
        }
        finally
        {
            _turn.Release();
        }
    }
}
