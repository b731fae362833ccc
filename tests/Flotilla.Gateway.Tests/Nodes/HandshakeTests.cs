using System.Net.Sockets;
using System.Net.WebSockets;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class HandshakeTests
{
    [Fact]
    public async Task A_node_that_proves_its_key_is_welcomed_and_listed()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();

        Assert.Equal(host.Key.PublicKey, node.Welcome!.GatewayPublicKey.Span);
        Assert.Equal(5000u, node.Welcome.HeartbeatMs);
        var summary = Assert.Single(host.Directory.Summaries());
        Assert.Equal((node.Id, "node 1", FakeRegistry.Operator, "scripted/1"), (summary.Id, summary.Name, summary.Operator, summary.Software));
    }

    [Fact]
    public async Task The_sdk_client_WebSocket_passes_too()
    {
        await using var host = await LinkHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(LinkLimits.Subprotocol);
        await socket.ConnectAsync(new Uri($"ws://{host.Origin}{LinkLimits.Path}"), TestContext.Current.CancellationToken);

        var buffer = new byte[1024];
        var first = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);

        Assert.Equal(LinkLimits.Subprotocol, socket.SubProtocol);
        Assert.Equal(GatewayFrame.BodyOneofCase.Challenge, GatewayFrame.Parser.ParseFrom(buffer.AsSpan(0, first.Count)).BodyCase);
    }

    public static TheoryData<string, Reason> Lies => new()
    {
        { "nonce too short", Reason.Signature },
        { "signature of another challenge", Reason.Signature },
        { "key of another node", Reason.Signature },
        { "key too short", Reason.Signature },
        { "origin of another gateway", Reason.Origin },
        { "origin is empty", Reason.Origin },
        { "version unknown", Reason.Version },
        { "version not offered", Reason.Version },
        { "a thousand versions", Reason.Protocol },
        { "name with an escape", Reason.Protocol },
        { "name too long", Reason.Protocol },
        { "software with a line feed", Reason.Protocol },
        { "token too long", Reason.Protocol },
        { "hello too long", Reason.Protocol },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_hello_that_lies_is_refused(string lie, Reason reason)
    {
        await using var host = await LinkHost.StartAsync();
        var hand = new ScriptedNode.Hand { BeforeSigning = (_, hello) => Lie(lie, hello), AfterSigning = (challenge, hello) => LieAfterwards(lie, challenge, hello) };
        await using var node = await ScriptedNode.DialAsync(host.Address, hand);

        await node.SayHelloAsync(host.Address, hand);

        await node.RefusedAsync(reason, WebSocketCloseStatus.PolicyViolation);
        Assert.Empty(host.Directory.Summaries());
    }

    private static void Lie(string lie, Hello hello)
    {
        switch (lie)
        {
            case "nonce too short": hello.NodeNonce = ByteString.CopyFrom(new byte[31]); break;
            case "origin of another gateway": hello.Origin = "gateway.example"; break;
            case "origin is empty": hello.Origin = string.Empty; break;
            case "version unknown": (hello.OfferedVersions[0], hello.ChosenVersion) = (2, 2); break;
            case "version not offered": hello.OfferedVersions.Clear(); break;
            case "a thousand versions": hello.OfferedVersions.AddRange(Enumerable.Repeat(1u, 1000)); break;
            case "name with an escape": hello.Name = "\u001b[2J"; break;
            case "name too long": hello.Name = new string('n', 65); break;
            case "software with a line feed": hello.Software = "a\nb"; break;
            case "token too long": hello.JoinToken = new string('t', 257); break;
            case "hello too long": hello.Name = new string('n', 5000); break;
        }
    }

    private static void LieAfterwards(string lie, Challenge challenge, Hello hello)
    {
        switch (lie)
        {
            case "key of another node": hello.PublicKey = ByteString.CopyFrom(ScriptedNode.KeyOf(2).PublicKey); break;
            case "key too short": hello.PublicKey = ByteString.CopyFrom(new byte[31]); break;
            case "signature of another challenge":
                challenge.GatewayNonce = ByteString.CopyFrom(new byte[32]);
                hello.Signature = ByteString.CopyFrom(ScriptedNode.KeyOf(1).Sign(Handshake.NodeTranscript(challenge, hello)));
                break;
        }
    }

    [Fact]
    public async Task A_recorded_handshake_is_refused_when_it_is_replayed()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await using var thief = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand());
        await thief.ReadAsync(GatewayFrame.BodyOneofCase.Challenge);

        await thief.SendAsync(new NodeFrame { Hello = node.Hello });

        await thief.RefusedAsync(Reason.Signature, WebSocketCloseStatus.PolicyViolation);
        Assert.Equal(node.Id, Assert.Single(host.Directory.Summaries()).Id);
    }

    [Fact]
    public async Task A_handshake_that_another_gateway_passes_on_is_refused()
    {
        await using var host = await LinkHost.StartAsync();
        // The other gateway controls the Host that it sends here, so only our own names can tell.
        var hand = new ScriptedNode.Hand { Host = "other.example:8080" };
        await using var relay = await ScriptedNode.DialAsync(host.Address, hand);

        await relay.SayHelloAsync(host.Address, hand);

        await relay.RefusedAsync(Reason.Origin, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_public_host_that_is_configured_is_an_origin()
    {
        await using var host = await LinkHost.StartAsync(new NodeLinkOptions { PublicHosts = ["gateway.example"] });

        await using var node = await ScriptedNode.ConnectAsync(host.Address, new ScriptedNode.Hand { Host = "gateway.example" });

        Assert.NotEqual(0ul, node.Epoch);
    }

    [Theory]
    [InlineData("", Reason.UnknownNode)]
    [InlineData("jt-flt-wrong", Reason.JoinToken)]
    public async Task A_stranger_without_a_right_token_is_refused(string token, Reason reason)
    {
        await using var host = await LinkHost.StartAsync();
        host.Registry.Strangers = NodeStanding.Unknown;
        var hand = new ScriptedNode.Hand { BeforeSigning = (_, hello) => hello.JoinToken = token };
        await using var node = await ScriptedNode.DialAsync(host.Address, hand);

        await node.SayHelloAsync(host.Address, hand);

        await node.RefusedAsync(reason, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_revoked_node_is_refused()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand());
        host.Registry.Revoke(node.Id);

        await node.SayHelloAsync(host.Address, new ScriptedNode.Hand());

        await node.RefusedAsync(Reason.Revoked, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_frame_before_the_hello_is_refused()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand());

        await node.AdvertiseAsync(1, ScriptedNode.EngineModel("m"));

        await node.RefusedAsync(Reason.Protocol, WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_for_ten_seconds_is_dropped()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand());
        await node.ReadAsync(GatewayFrame.BodyOneofCase.Challenge);

        host.Time.Advance(LinkLimits.HandshakeTimeout);

        await Assert.ThrowsAnyAsync<WebSocketException>(() => node.ReadAsync());
    }

    [Fact]
    public async Task Connections_without_a_proved_key_are_capped_and_make_room_when_they_go()
    {
        await using var host = await LinkHost.StartAsync(new NodeLinkOptions { UnauthenticatedPerAddressMax = 2 });
        await using var first = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand());
        await using var second = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand { Key = 2 });
        var (third, status) = await ScriptedNode.RequestAsync(host.Address, new ScriptedNode.Hand());
        third.Dispose();
        Assert.Equal("HTTP/1.1 503 Service Unavailable", status);

        await first.SayHelloAsync(host.Address, new ScriptedNode.Hand());
        await first.ReadAsync(GatewayFrame.BodyOneofCase.Welcome);

        await using var fourth = await ScriptedNode.DialAsync(host.Address, new ScriptedNode.Hand { Key = 3 });
    }

    [Fact]
    public async Task A_request_that_is_no_node_is_told_what_lives_here()
    {
        await using var host = await LinkHost.StartAsync();

        var (tcp, status) = await ScriptedNode.RequestAsync(host.Address, new ScriptedNode.Hand { Protocol = null });

        using TcpClient _ = tcp;
        Assert.Equal("HTTP/1.1 426 Upgrade Required", status);
    }
}
