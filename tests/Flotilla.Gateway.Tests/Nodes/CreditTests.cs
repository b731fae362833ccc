using System.Net.WebSockets;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class CreditTests
{
    private static readonly string Long = new('x', 1000);

    [Fact]
    public async Task Credit_comes_in_batches_of_half_a_window_and_never_beyond_what_was_flushed()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec(tokens: 1000));
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        var sent = 0;
        for (uint i = 0; sent < LinkLimits.WindowBytes / 2; i++)
        {
            await node.EventsAsync(job, i, ScriptedNode.Text(Long));
            sent += LinkCodec.EventBytes(ScriptedNode.Frame(job, i, ScriptedNode.Text(Long)));
        }

        var flushed = 0;
        while (flushed < sent)
        {
            if (await attempt.ReadAsync(TestContext.Current.CancellationToken) is AttemptItem.Events events)
            {
                flushed += events.Bytes;
                attempt.Flushed(events.Bytes);
            }
        }

        Assert.Equal((uint)sent, (await node.ReadAsync(GatewayFrame.BodyOneofCase.Credit)).Credit.Bytes);
    }

    [Fact]
    public async Task What_a_batch_left_is_granted_at_the_next_tick()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, ScriptedNode.Text("Hello"));
        await attempt.ReadAsync(TestContext.Current.CancellationToken);
        var events = Assert.IsType<AttemptItem.Events>(await attempt.ReadAsync(TestContext.Current.CancellationToken));

        attempt.Flushed(events.Bytes);
        host.Time.Advance(NodeLimits.Tick);

        var credit = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Credit)).Credit;
        Assert.Equal((job.JobId, 1u, (uint)events.Bytes), (credit.JobId, credit.Attempt, credit.Bytes));
    }

    [Fact]
    public async Task A_node_that_overruns_its_window_is_closed_and_what_came_before_can_be_read()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec(tokens: 1000));
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        var size = LinkCodec.EventBytes(ScriptedNode.Frame(job, 0, ScriptedNode.Text(Long)));
        var fits = LinkLimits.WindowBytes / size;
        for (var i = 0; i <= fits; i++)
            await node.EventsAsync(job, (uint)i, ScriptedNode.Text(Long));

        var refused = await node.RefusedAsync(Reason.Protocol, WebSocketCloseStatus.ProtocolError);

        Assert.Contains("window", refused.Message, StringComparison.Ordinal);
        var (events, last) = await attempt.ReadAllAsync();
        Assert.Equal(fits, events.Count);
        Assert.Equal(LostReason.ProtocolViolation, Assert.IsType<AttemptItem.Lost>(last).Reason);
    }

    [Fact]
    public async Task A_reader_that_stops_pauses_its_own_job_alone()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var stuck = session.Start(Jobs.Spec("job_stuck", tokens: 1000));
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        for (uint i = 0; i < 200; i++)
            await node.EventsAsync(job, i, ScriptedNode.Text(Long));

        await using var other = session.Start(Jobs.Spec("job_other"));
        await node.AnswerAsync(await node.JobAsync());

        Assert.IsType<AttemptItem.Done>((await other.ReadAllAsync()).Last);
        Assert.Equal(1, session.Running);
    }
}
