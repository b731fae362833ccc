using System.Net.WebSockets;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Links;

public sealed class HostileGatewayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[], WebSocketMessageType, WebSocketCloseStatus> Messages => new()
    {
        { "bytes that are no frame", [0xFF, 0xFF, 0xFF, 0xFF], WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "an empty message", [], WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a frame of an unknown body", [0x9A, 0x06, 0x00], WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "text", "{}"u8.ToArray(), WebSocketMessageType.Text, WebSocketCloseStatus.InvalidMessageType },
        { "a frame that is too long", new byte[LinkLimits.FrameBytesMax + 1], WebSocketMessageType.Binary, WebSocketCloseStatus.MessageTooBig },
        { "a length of four gigabytes", [0x22, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a second challenge", new GatewayFrame { Challenge = new Challenge() }.ToByteArray(), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a second welcome", new GatewayFrame { Welcome = new Welcome() }.ToByteArray(), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a job without an id", Jobs.Frame(Jobs.Job(id: "")).ToByteArray(), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a job of attempt 0", Jobs.Frame(Jobs.Job(attempt: 0)).ToByteArray(), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a job without a salt", Changed(j => j.Salt = ByteString.Empty), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a request that is announced too long", Changed(j => j.RequestBytes = LinkLimits.RequestBytesMax + 1), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a request that is longer than announced", Changed(j => j.RequestBytes--), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
        { "a request part that is too long", Changed(j => (j.Request, j.RequestBytes) = (ByteString.CopyFrom(new byte[LinkLimits.RequestPartBytesMax + 1]), LinkLimits.RequestPartBytesMax + 1)), WebSocketMessageType.Binary, WebSocketCloseStatus.ProtocolError },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_message_that_breaks_the_protocol_closes_the_link(string what, byte[] message, WebSocketMessageType type, WebSocketCloseStatus status)
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model), time: new ManualTimeProvider());
        var socket = await gateway.WelcomeAsync();
        await socket.SendAsync(message, type);
        Assert.True(await socket.ReadAsync() is null, what);
        Assert.Equal(status, socket.CloseStatus);
        await node.WhenAsync(GatewayState.Waiting, Ct);
        Assert.Contains("broke the protocol", node.Host.Gateways[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_in_endless_empty_fragments_closes_the_link()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model), time: new ManualTimeProvider());
        var socket = await gateway.WelcomeAsync();
        for (var i = 0; i <= LinkLimits.EmptyFragmentsMax; i++)
            await socket.SendAsync(ReadOnlyMemory<byte>.Empty, end: false);
        Assert.Null(await socket.ReadAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_attempt_that_was_given_before_closes_the_link_and_is_not_done_again(bool sameSession)
    {
        var time = new ManualTimeProvider();
        var runtime = new ScriptedRuntime(Jobs.Model);
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, runtime, time: time);
        var socket = await gateway.WelcomeAsync();
        await socket.SendAsync(Jobs.Frame(Jobs.Job()));
        await runtime.NextRunAsync(Ct);
        if (!sameSession)
        {
            socket.Drop();
            await node.WhenAsync(GatewayState.Waiting, Ct);
            time.EndPause(GatewayState.Waiting, node.Host);
            socket = await gateway.WelcomeAsync(2);
        }

        await socket.SendAsync(Jobs.Frame(Jobs.Job()));
        await socket.DrainAsync();
        Assert.Equal(WebSocketCloseStatus.ProtocolError, socket.CloseStatus);
        await node.WhenAsync(s => s.Detail.Contains("repeats the attempt 1", StringComparison.Ordinal), Ct);
    }

    [Fact]
    public async Task Frames_about_jobs_that_are_over_or_never_were_are_dropped()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model));
        var socket = await gateway.WelcomeAsync();
        await socket.SendAsync(Jobs.Cancel("job_none"));
        await socket.SendAsync(Jobs.Credit(uint.MaxValue, "job_none"));
        await socket.SendAsync(new GatewayFrame { JobPart = new JobPart { JobId = "job_none", Attempt = 1, Request = ByteString.CopyFrom(new byte[10]) } });
        await socket.SendAsync(Jobs.Frame(Jobs.Job()));
        Assert.Equal(NodeFrame.BodyOneofCase.Accepted, (await socket.ReadAsync())!.BodyCase);
    }

    [Fact]
    public async Task Random_bytes_never_end_the_node()
    {
        var random = new Random(4711);
        var time = new ManualTimeProvider();
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var node = TestNode.Start(gateway.Address, null, new ScriptedRuntime(Jobs.Model), time: time);
        for (ulong i = 1; i <= 20; i++)
        {
            var socket = await gateway.WelcomeAsync(i);
            var good = Jobs.Frame(Jobs.Job($"job_{i}")).ToByteArray();
            for (var flips = 0; flips < 8; flips++)
                good[random.Next(good.Length)] = (byte)random.Next(256);
            await socket.SendAsync(good);
            await socket.CloseAsync();
            await socket.DrainAsync();
            await node.WhenAsync(GatewayState.Waiting, Ct);
            time.EndPause(GatewayState.Waiting, node.Host);
        }

        await gateway.WelcomeAsync(99);
        Assert.False(node.Running.IsCompleted);
    }

    private static byte[] Changed(Action<Job> change)
    {
        var job = Jobs.Job();
        change(job);
        return Jobs.Frame(job).ToByteArray();
    }
}
