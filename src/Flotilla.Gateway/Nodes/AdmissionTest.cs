using Flotilla.Core;
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
        if (Request(offer) is not { } request)
            return $"it has neither the capability {Capability.Chat} nor {Capability.Completion}, so there is no test for it";
        var job = JobId.New(ids);
        for (uint attempt = 1; ; attempt++)
        {
            var (refusal, isBusy) = await TryAsync(node, Spec(job, attempt, offer, request), ct);
            if (!isBusy || attempt == NodeLimits.AdmissionTries)
                return refusal;
            await Task.Delay(NodeLimits.AdmissionPause, time, ct);
        }
    }

    private async Task<(string? Refusal, bool IsBusy)> TryAsync(NodeSession node, JobSpec spec, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(NodeLimits.AdmissionTimeout, time);
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
                        return (tokens > 0 ? null : "its answer to the test job is empty", false);
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
            return ($"the test job took longer than {NodeLimits.AdmissionTimeout.TotalSeconds} s", false);
        }
    }

    private JobSpec Spec(JobId job, uint attempt, ModelOffer offer, byte[] request)
    {
        var salt = new byte[LinkLimits.SaltBytes];
        ids.Fill(salt);
        return new JobSpec(job, attempt, offer.Name, request, 1, salt, NodeLimits.AdmissionTimeout, 1, NodeLimits.AdmissionTokens);
    }

    private static byte[]? Request(ModelOffer offer)
    {
        var request = new TextRequest
        {
            Sampling = new Sampling { Temperature = 0 },
            MaxTokens = NodeLimits.AdmissionTokens,
            Choices = 1,
        };
        if (offer.Capabilities.Contains(Capability.Chat))
            request.Chat = new Chat { Messages = { new Message { Role = "user", Content = "Hello!" } } };
        else if (offer.Capabilities.Contains(Capability.Completion))
            request.Prompts = new Prompts { Items = { new Prompt { Text = "Once upon a time" } } };
        else
            return null;
        return request.ToByteArray();
    }
}
