using Flotilla.Core;
using Flotilla.Node.Links;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Links;

public sealed class HandshakeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_proves_its_key_and_offers_its_models()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, "jt-flt-1", new ScriptedRuntime("a", "b"), o => o with { Region = "EU", Slots = 3, Name = "n1" });

        var socket = await gateway.AcceptAsync();
        var hello = await socket.ChallengeAsync();
        Assert.True(Handshake.VerifyNode(socket.Challenge, hello));
        Assert.Equal(node.Id, NodeId.Of(hello.PublicKey.Span));
        Assert.Equal(gateway.Origin, hello.Origin);
        Assert.Equal("jt-flt-1", hello.JoinToken);
        Assert.Equal("n1", hello.Name);
        Assert.Equal([LinkLimits.Version], hello.OfferedVersions);

        await socket.SendAsync(socket.Welcome(gateway.Key, epoch: 42));
        var frame = await socket.ReadAsync();
        Assert.Equal(42ul, frame!.SessionEpoch);
        Assert.Equal(["a", "b"], frame.Advertise.Models.Select(m => m.Name));
        Assert.Equal((3u, "EU"), (frame.Advertise.Slots, frame.Advertise.Region));
        await node.WhenAsync(GatewayState.Connected, Ct);
    }

    [Theory]
    [InlineData(Refused.Types.Reason.Version, true)]
    [InlineData(Refused.Types.Reason.Signature, true)]
    [InlineData(Refused.Types.Reason.Origin, true)]
    [InlineData(Refused.Types.Reason.UnknownNode, true)]
    [InlineData(Refused.Types.Reason.JoinToken, true)]
    [InlineData(Refused.Types.Reason.Revoked, true)]
    [InlineData(Refused.Types.Reason.Overloaded, false)]
    [InlineData(Refused.Types.Reason.Protocol, false)]
    [InlineData((Refused.Types.Reason)77, false)]
    public async Task A_refusal_that_no_wait_lifts_ends_a_node_that_was_never_let_in(Refused.Types.Reason reason, bool ends)
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, "jt-flt-1", new ScriptedRuntime("a"), time: new ManualTimeProvider());
        var socket = await gateway.AcceptAsync();
        await socket.ChallengeAsync();
        await socket.RefuseAsync(reason, "said the gateway");

        if (ends)
        {
            var refused = await Assert.ThrowsAsync<NodeRefusedException>(() => node.Running.WaitAsync(Ct));
            Assert.Contains("said the gateway", refused.Message, StringComparison.Ordinal);
            Assert.Single(refused.Gateways);
        }
        else
        {
            await node.WhenAsync(GatewayState.Waiting, Ct);
            Assert.Contains("said the gateway", node.Host.Gateways[0].Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_after_a_session_is_asked_about_again_after_a_minute()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, "jt-flt-1", new ScriptedRuntime("a"), time: time);
        var first = await gateway.WelcomeAsync();
        await first.RefuseAsync(Refused.Types.Reason.Fenced);
        await node.WhenAsync(GatewayState.Refused, Ct);
        Assert.Contains("data folder", node.Host.Gateways[0].Detail, StringComparison.Ordinal);

        time.EndPause(GatewayState.Refused, node.Host);
        await gateway.WelcomeAsync();
        await node.WhenAsync(GatewayState.Connected, Ct);
    }

    [Fact]
    public async Task A_gateway_whose_key_changed_is_refused_by_the_node()
    {
        var time = new ManualTimeProvider();
        var folder = Directory.CreateTempSubdirectory("flotilla-pin-").FullName;
        await using var gateway = await ScriptedGateway.StartAsync();
        await using (var node = TestNode.Start(gateway.Address, "t", new ScriptedRuntime("a"), o => o with { DataFolder = folder }, time))
        {
            await gateway.WelcomeAsync();
            await node.WhenAsync(GatewayState.Connected, Ct);
        }

        await using var again = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), o => o with { DataFolder = folder }, time);
        var socket = await gateway.AcceptAsync();
        await socket.ChallengeAsync();
        var other = SigningKey.FromSeed(new byte[Ed25519.KeyBytes]);
        await socket.SendAsync(socket.Welcome(other, epoch: 2));

        var refused = await Assert.ThrowsAsync<NodeRefusedException>(() => again.Running.WaitAsync(Ct));
        Assert.Contains(Convert.ToHexStringLower(other.PublicKey), refused.Message, StringComparison.Ordinal);
        Assert.Contains(GatewayPins.FileName, refused.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_welcome_signed_by_another_key_is_a_violation()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), time: new ManualTimeProvider());
        var socket = await gateway.AcceptAsync();
        await socket.ChallengeAsync();
        var welcome = socket.Welcome(gateway.Key, epoch: 1);
        welcome.Welcome.SessionEpoch = 2;
        await socket.SendAsync(welcome);

        Assert.Null(await socket.ReadAsync());
        await node.WhenAsync(s => s.Detail.Contains("signature", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task A_replayed_challenge_gets_another_answer()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        var time = new ManualTimeProvider();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), time: time);
        var first = await gateway.AcceptAsync();
        var hello = await first.ChallengeAsync();
        first.Drop();
        await node.WhenAsync(GatewayState.Waiting, Ct);
        time.EndPause(GatewayState.Waiting, node.Host);

        var second = await gateway.AcceptAsync();
        await second.SendAsync(new GatewayFrame { Challenge = first.Challenge });
        var again = (await second.ReadAsync())!.Hello;
        Assert.NotEqual(hello.NodeNonce, again.NodeNonce);
        Assert.NotEqual(hello.Signature, again.Signature);
    }

    [Theory]
    [InlineData(0, 1u)]
    [InlineData(31, 1u)]
    [InlineData(32, 2u)]
    public async Task A_challenge_without_a_fit_nonce_or_version_is_not_answered(int nonceBytes, uint version)
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), time: new ManualTimeProvider());
        var socket = await gateway.AcceptAsync();
        await socket.SendAsync(new GatewayFrame { Challenge = new Challenge { GatewayNonce = ByteString.CopyFrom(new byte[nonceBytes]), Versions = { version } } });
        await socket.DrainAsync();
        Assert.Empty(socket.Hello.PublicKey);
    }

    [Fact]
    public async Task A_gateway_that_never_answers_is_given_up_after_the_limit()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), time: time);
        await gateway.AcceptAsync();
        time.Advance(LinkLimits.HandshakeTimeout);
        await node.WhenAsync(s => s.Detail.Contains("within 10 s", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task A_server_of_another_subprotocol_is_no_gateway()
    {
        await using var gateway = await ScriptedGateway.StartAsync(subprotocol: null);
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime("a"), time: new ManualTimeProvider());
        await node.WhenAsync(s => s.State == GatewayState.Waiting && s.Detail.Contains(LinkLimits.Subprotocol, StringComparison.Ordinal), Ct);
    }
}
