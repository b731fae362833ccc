using System.Net.WebSockets;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Work;

public sealed class DrainTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_stops_says_so_rejects_new_jobs_and_finishes_the_others()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a", "b");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_1")));
        var run = await scene.Runtime.NextRunAsync(Ct);

        var stopped = scene.Node.StopAsync();
        await scene.ReadUntilAsync(f => f.Drain is not null);
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_2")));
        Assert.Equal(Rejected.Types.Reason.Draining, (await scene.ReadUntilAsync(f => f.Rejected is not null)).Rejected.Reason);
        Assert.Equal(GatewayState.Draining, scene.Node.Host.Gateways[0].State);

        run.Permit(3);
        Assert.Equal(2u, (await scene.ReadUntilAsync(f => f.Done is not null)).Done.Usage.CompletionTokens);
        Assert.Null(await scene.Socket.ReadAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, scene.Socket.CloseStatus);
        await stopped.WaitAsync(Ct);
    }

    [Fact]
    public async Task Jobs_that_outlast_the_drain_limit_fail_and_may_be_tried_elsewhere()
    {
        var time = new ManualTimeProvider();
        await using var scene = await Scene.StartAsync(time: time, drainLimit: TimeSpan.FromSeconds(4));
        scene.Runtime.Script = Scripts.AnswerThenHang("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job()));
        await (await scene.Runtime.NextRunAsync(Ct)).WhenEmittedAsync(1, Ct);

        var stopped = scene.Node.StopAsync();
        await scene.ReadUntilAsync(f => f.Drain is not null);
        time.Advance(TimeSpan.FromSeconds(4));
        var failed = (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed;
        Assert.Equal((Failed.Types.Code.Unavailable, true), (failed.Code, failed.Retryable));
        Assert.Null(await scene.Socket.ReadAsync());
        await stopped.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_gateway_that_goes_away_gets_its_jobs_done_and_is_dialled_again()
    {
        var time = new ManualTimeProvider();
        await using var scene = await Scene.StartAsync(time: time);
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_1")));
        var run = await scene.Runtime.NextRunAsync(Ct);
        await scene.Socket.SendAsync(new GatewayFrame { Drain = new Drain { Reason = "restart" } });
        await scene.ReadUntilAsync(f => f.Drain is not null);
        run.Permit(2);
        await scene.ReadUntilAsync(f => f.Done is not null);
        Assert.Null(await scene.Socket.ReadAsync());
        await scene.Node.WhenAsync(GatewayState.Waiting, Ct);
        Assert.False(scene.Node.Running.IsCompleted);
    }

    [Fact]
    public async Task A_lost_link_stops_its_jobs()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.AnswerThenHang("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job()));
        var run = await scene.Runtime.NextRunAsync(Ct);
        scene.Socket.Drop();
        await run.Cancelled.WaitAsync(Ct);
        await run.Ended.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_node_that_is_killed_says_nothing()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.AnswerThenHang("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job()));
        await (await scene.Runtime.NextRunAsync(Ct)).WhenEmittedAsync(1, Ct);
        await scene.Node.KillAsync();
        await scene.Socket.DrainAsync();
        Assert.Null(scene.Socket.CloseStatus);
    }
}
