using Flotilla.Node.Links;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Links;

public sealed class ReconnectTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_pauses_double_from_a_quarter_second_to_half_a_minute_less_up_to_a_half()
    {
        var backoff = new Backoff(new CountingIdSource());
        var longest = NodeLimits.BackoffFirst;
        for (var i = 0; i < 12; i++)
        {
            Assert.InRange(backoff.Next(), longest / 2, longest);
            longest = longest * 2 < NodeLimits.BackoffMax ? longest * 2 : NodeLimits.BackoffMax;
        }

        Assert.Equal(TimeSpan.FromSeconds(30), longest);
        backoff.Reset();
        Assert.InRange(backoff.Next(), NodeLimits.BackoffFirst / 2, NodeLimits.BackoffFirst);
    }

    [Fact]
    public async Task A_lost_link_is_dialled_again_and_the_session_number_follows_the_gateway()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model), time: time);
        for (ulong epoch = 1; epoch <= 3; epoch++)
        {
            var socket = await gateway.WelcomeAsync(epoch);
            await node.WhenAsync(GatewayState.Connected, Ct);
            await socket.SendAsync(Jobs.Frame(Jobs.Job($"job_{epoch}")));
            Assert.Equal(epoch, (await socket.ReadAsync())!.SessionEpoch);
            socket.Drop();
            await node.WhenAsync(GatewayState.Waiting, Ct);
            time.EndPause(GatewayState.Waiting, node.Host);
        }

        await gateway.WelcomeAsync(4);
    }

    [Fact]
    public async Task A_gateway_that_does_not_open_the_link_is_dialled_until_it_does()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        gateway.IsOpen = false;
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model), time: time);
        for (var i = 0; i < 3; i++)
        {
            await gateway.Refused.ReadAsync(Ct);
            await node.WhenAsync(GatewayState.Waiting, Ct);
            Assert.Contains("HTTP 503", node.Host.Gateways[0].Detail, StringComparison.Ordinal);
            gateway.IsOpen = i == 2;
            time.EndPause(GatewayState.Waiting, node.Host);
        }

        await gateway.WelcomeAsync();
        await node.WhenAsync(GatewayState.Connected, Ct);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_told()
    {
        var gone = await ScriptedGateway.StartAsync();
        await gone.DisposeAsync();
        await using var node = TestNode.Start(gone.Address, null, new ScriptedRuntime(Jobs.Model), time: new ManualTimeProvider());
        await node.WhenAsync(GatewayState.Waiting, Ct);
        Assert.Contains("cannot be reached", node.Host.Gateways[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heartbeats_come_as_often_as_the_gateway_asked_and_tell_the_load()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        var runtime = new ScriptedRuntime(Jobs.Model) { Script = Scripts.AnswerThenHang() };
        await using var node = TestNode.Start(gateway.Address, null, runtime, o => o with { Slots = 5 }, time);
        var socket = await gateway.AcceptAsync();
        await socket.WelcomeAsync(gateway.Key, heartbeatMs: 5000);
        await socket.SendAsync(Jobs.Frame(Jobs.Job()));
        Assert.Equal(NodeFrame.BodyOneofCase.Accepted, (await socket.ReadAsync())!.BodyCase);
        await runtime.NextRunAsync(Ct);
        for (var i = 0; i < 2; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            var status = (await socket.ReadAsync())!.Status;
            Assert.Equal((1u, 5u), (status.Running, status.Slots));
        }
    }

    [Fact]
    public async Task Models_that_come_and_go_are_advertised_again()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        var runtime = new ScriptedRuntime(Jobs.Model);
        await using var node = TestNode.Start(gateway.Address, null, runtime, time: time);
        var socket = await gateway.WelcomeAsync();
        await node.WhenAsync(GatewayState.Connected, Ct);
        runtime.State = new([ScriptedRuntime.Offer("other")]);
        time.Advance(NodeLimits.ProbeInterval);
        Assert.Equal("other", Assert.Single((await socket.ReadAsync())!.Advertise.Models).Name);
        runtime.State = new([], "gone");
        time.Advance(NodeLimits.ProbeInterval);
        Assert.Empty((await socket.ReadAsync())!.Advertise.Models);
    }

    [Fact]
    public async Task The_gateways_word_on_a_model_is_shown()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model));
        var socket = await gateway.WelcomeAsync();
        await socket.SendAsync(new GatewayFrame { Admission = new Admission { Model = "never offered", Admitted = true } });
        await socket.SendAsync(new GatewayFrame { Admission = new Admission { Model = Jobs.Model, Admitted = false, Reason = "too\nslow" } });
        await node.WhenAsync(s => s.Admissions.Count > 0, Ct);
        Assert.Equal([new ModelAdmission(Jobs.Model, false, "tooslow")], node.Host.Gateways[0].Admissions);
    }
}
