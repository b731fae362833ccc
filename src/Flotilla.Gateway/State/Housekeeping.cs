using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.Telemetry;
using Flotilla.Gateway.Webhooks;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.State;

/// <summary>Forgets what has been kept for long enough.</summary>
internal sealed class Housekeeping(DeferredTable deferred, FileTable files, AnswerBook answers, DeliveryTable deliveries, TimeProvider time, ILogger<Housekeeping> log) : IDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(LoopAsync);

    public async Task StopAsync()
    {
        await _closed.CancelAsync();
        await _loop;
    }

    public void Dispose() => _closed.Dispose();

    /// <summary>One round: whatever is old, portion by portion, because it counts against its namespace until it is gone.</summary>
    public async Task SweepAsync()
    {
        try
        {
            var now = time.GetUtcNow();
            await WhileMoreAsync(() => deferred.ForgetAsync(now));
            await WhileMoreAsync(() => files.ForgetAsync(now));
            await WhileMoreAsync(answers.ForgetOldAsync);
            await WhileMoreAsync(() => deliveries.ForgetAsync(now - WebhookLimits.Shown));
        }
        catch (Exception failure) when (failure is IOException or Microsoft.Data.Sqlite.SqliteException)
        {
            // A disk that is full or slow now may not be so at the next round.
            log.SweepFailed(failure);
        }
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(StateLimits.SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closed.Token))
                await SweepAsync();
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task WhileMoreAsync(Func<Task<bool>> forget)
    {
        while (!_closed.IsCancellationRequested && await forget())
        {
        }
    }
}
