using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>Jobs that a gateway would give.</summary>
internal static class Jobs
{
    public static JobSpec Spec(string job = "job_1", uint attempt = 1, string model = "m", int choices = 1, uint tokens = 64, int requestBytes = 0)
    {
        var text = new TextRequest { MaxTokens = tokens, Choices = (uint)choices, Prompts = new Prompts { Items = { new Prompt { Text = new string('x', requestBytes + 1) } } } };
        return new JobSpec(new JobId(job), attempt, model, JobKind.Text, JobKind.Text.Shape(text), text.ToByteArray(), 7, new byte[LinkLimits.SaltBytes], TimeSpan.FromMinutes(5));
    }

    /// <summary>Reads until the attempt is over; the last item is the answer.</summary>
    public static async Task<(List<Event> Events, AttemptItem Last)> ReadAllAsync(this JobAttempt attempt)
    {
        List<Event> events = [];
        while (true)
        {
            var item = await attempt.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedNode.Patience);
            if (item.IsLast)
                return (events, item);
            if (item is AttemptItem.Events more)
            {
                events.AddRange(more.Frame.Events);
                attempt.Flushed(more.Bytes);
            }
        }
    }

    /// <summary>The attempt ends as lost, for this reason.</summary>
    public static async Task<AttemptItem.Lost> LostAsync(this JobAttempt attempt, LostReason reason)
    {
        var lost = Assert.IsType<AttemptItem.Lost>((await attempt.ReadAllAsync()).Last);
        Assert.Equal((reason, lost.Message), (lost.Reason, lost.Message));
        return lost;
    }
}
