using System.Net.WebSockets;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class SessionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_later_session_fences_the_earlier_and_its_jobs_are_lost()
    {
        await using var host = await LinkHost.StartAsync();
        var (first, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await first.JobAsync();

        await using var second = await host.ConnectAsync();

        Assert.True(second.Epoch > first.Epoch);
        await attempt.LostAsync(LostReason.Fenced);
        await first.RefusedAsync(Reason.Fenced, WebSocketCloseStatus.PolicyViolation);
        Assert.Empty(host.Directory.Snapshot.Serving("m"));
        Assert.Equal(second.Id, Assert.Single(host.Directory.Summaries()).Id);
    }

    [Fact]
    public async Task A_late_frame_of_the_fenced_session_counts_for_nothing()
    {
        await using var host = await LinkHost.StartAsync();
        var (first, _) = await host.AdmitAsync();
        await using var second = await host.ConnectAsync();
        await second.AdvertiseAsync(4, ScriptedNode.EngineModel("m"));
        await second.AnswerAsync(await second.JobAsync());
        await second.ReadAsync(GatewayFrame.BodyOneofCase.Admission);
        var session = host.Directory.Snapshot.Serving("m").Single();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await second.JobAsync();

        await first.AnswerAsync(job, ScriptedNode.Text("stolen"), ScriptedNode.End());
        await second.AnswerAsync(job, ScriptedNode.Text("mine"), ScriptedNode.End());

        Assert.Equal("mine", (await attempt.ReadAllAsync()).Events[0].Text.Text_);
    }

    [Fact]
    public async Task Epochs_rise_across_restarts_as_the_clock_does()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();

        Assert.True(node.Epoch >= (ulong)host.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_node_revoked_in_the_registry_is_gone_within_a_second()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());

        host.Registry.Revoke(node.Id);
        host.Time.Advance(TimeSpan.FromSeconds(1));

        await attempt.LostAsync(LostReason.Revoked);
        await node.RefusedAsync(Reason.Revoked, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_node_revoked_by_hand_is_gone_at_once()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, _) = await host.AdmitAsync();

        host.Directory.Revoke(node.Id);

        Assert.Empty(host.Directory.Summaries());
        await node.RefusedAsync(Reason.Revoked, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_draining_node_ends_what_it_has_and_gets_nothing_new()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();

        await node.SendAsync(new NodeFrame { Drain = new Drain { Reason = "SIGTERM" } });
        await host.Directory.WaitAsync(f => f.Serving("m").IsEmpty, Ct);
        await node.AnswerAsync(job);

        Assert.IsType<AttemptItem.Done>((await attempt.ReadAllAsync()).Last);
        Assert.True(host.Directory.Snapshot.IsKnown("m"));
        Assert.True(Assert.Single(host.Directory.Summaries()).IsDraining);
    }

    [Fact]
    public async Task A_draining_gateway_says_so_and_takes_no_new_node()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();

        host.Directory.Drain("SIGTERM");

        Assert.Equal("SIGTERM", (await node.ReadAsync(GatewayFrame.BodyOneofCase.Drain)).Drain.Reason);
        var (late, status) = await ScriptedNode.RequestAsync(host.Address, new ScriptedNode.Hand { Key = 2 });
        late.Dispose();
        Assert.Equal("HTTP/1.1 503 Service Unavailable", status);
        await node.AnswerAsync(job);
        Assert.IsType<AttemptItem.Done>((await attempt.ReadAllAsync()).Last);
        host.Directory.CloseAll();
        await node.ClosedAsync(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact]
    public async Task A_node_that_says_goodbye_is_gone()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, _) = await host.AdmitAsync();

        await node.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);

        await host.Directory.WaitAsync(f => f.Models.IsEmpty, Ct);
        Assert.Empty(host.Directory.Summaries());
    }

    [Fact]
    public async Task Load_of_other_gateways_is_what_a_status_tells_beyond_our_own()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();

        await node.SendAsync(new NodeFrame { Status = new Status { Running = 3, Slots = 5 } });
        await node.AnswerAsync(job);
        await attempt.ReadAllAsync();

        Assert.Equal((0, 2, 5), (session.Running, session.Load, session.Slots));
    }
}
