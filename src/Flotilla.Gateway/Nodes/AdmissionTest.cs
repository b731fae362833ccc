using Flotilla.Core;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Nodes;

/// <summary>The job that a node must do, and sign for, before a model of its gets a client's.</summary>
internal sealed class AdmissionTest(IIdSource ids, TimeProvider time)
{
    /// <summary>Tests one model.</summary>
    /// <returns>Null when the node passed; else the reason, for its operator.</returns>
    /// <exception cref="OperationCanceledException">The session ended.</exception>
    public async Task<string?> RunAsync(NodeSession node, ModelOffer offer, CancellationToken ct)
    {
        var tests = AdmissionJobs.For(offer);
        foreach (var (kind, request) in tests)
        {
            if (await RunAsync(node, offer, kind, request, ct) is { } refusal)
                return refusal;
        }

        return tests.Count > 0 ? null : $"it has no capability that there is a test for ({AdmissionJobs.Capabilities})";
    }

    private async Task<string?> RunAsync(NodeSession node, ModelOffer offer, JobKind kind, IMessage request, CancellationToken ct)
    {
        var job = JobId.New(ids);
        for (uint attempt = 1; ; attempt++)
        {
            var (refusal, isBusy) = await TryAsync(node, Spec(job, attempt, offer, kind, request), offer.AdmissionTime, ct);
            if (!isBusy || attempt == NodeLimits.AdmissionTries)
                return refusal;
            await Task.Delay(NodeLimits.AdmissionPause, time, ct);
        }
    }

    private async Task<(string? Refusal, bool IsBusy)> TryAsync(NodeSession node, JobSpec spec, TimeSpan within, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        await using var attempt = node.Start(spec);
        long tokens = 0;
        try
        {
            while (true)
            {
                switch (await attempt.ReadAsync(either.Token))
                {
                    case AttemptItem.Events events:
                        tokens += events.Frame.Events.Sum(e => e.TokenCount);
                        attempt.Flushed(events.Bytes);
                        break;
                    case AttemptItem.Done:
                        return (tokens > 0 || spec.Kind != JobKind.Text ? null : "its answer to the test job is empty", false);
                    case AttemptItem.Failed failed:
                        return ($"the test job failed: {failed.Frame.Message}", false);
                    case AttemptItem.Rejected rejected:
                        return ($"the test job was refused ({rejected.Frame.Reason}): {rejected.Frame.Message}", rejected.Frame.Reason == Rejected.Types.Reason.Busy);
                    case AttemptItem.Lost lost:
                        return ($"the test job got lost: {lost.Message}", false);
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return ($"the test job took longer than {within.TotalSeconds} s", false);
        }
    }

    private JobSpec Spec(JobId job, uint attempt, ModelOffer offer, JobKind kind, IMessage request)
    {
        var salt = new byte[LinkLimits.SaltBytes];
        ids.Fill(salt);
        return new JobSpec(job, attempt, offer.Name, kind, kind.Shape(request), request.ToByteArray(), 1, salt, offer.AdmissionTime);
    }
}
