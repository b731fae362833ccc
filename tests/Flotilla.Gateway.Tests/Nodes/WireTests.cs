using System.Buffers.Binary;
using System.Net.WebSockets;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Reason = Flotilla.Protocol.Link.Refused.Types.Reason;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>Evil below the frames: lengths, fragments and bits of the WebSocket itself.</summary>
public sealed class WireTests
{
    private const byte Binary = 0x82;
    private const byte BinaryWithoutEnd = 0x02;
    private const byte MoreWithoutEnd = 0x00;
    private const byte Masked = 0x80;
    private static readonly byte[] NoMask = [0, 0, 0, 0];

    public static TheoryData<string, WebSocketCloseStatus> Refusals => new()
    {
        { "a frame one byte too long", WebSocketCloseStatus.MessageTooBig },
        { "a length of four gibibytes", WebSocketCloseStatus.MessageTooBig },
        { "fragments that never end", WebSocketCloseStatus.MessageTooBig },
        { "a million empty fragments", WebSocketCloseStatus.ProtocolError },
        { "text", WebSocketCloseStatus.InvalidMessageType },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_message_out_of_bounds_is_refused_before_it_is_gathered(string what, WebSocketCloseStatus status)
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await node.JobAsync();

        var sending = SendAsync(node, what);

        await node.RefusedAsync(Reason.Protocol, status);
        await attempt.LostAsync(LostReason.ProtocolViolation);
        // What it still had to say finds nobody; only that it ends matters here.
        await node.DisposeAsync();
        await Record.ExceptionAsync(() => sending);
    }

    private static async Task SendAsync(ScriptedNode node, string what)
    {
        switch (what)
        {
            case "a frame one byte too long":
                await node.SendRawAsync(new byte[LinkLimits.FrameBytesMax + 1]);
                break;
            case "a length of four gibibytes":
                await node.SendWireAsync(Head(Binary, 4L << 30));
                await node.SendWireAsync(new byte[2 * LinkLimits.FrameBytesMax]);
                break;
            case "fragments that never end":
                await node.SendWireAsync(Head(BinaryWithoutEnd, 1000));
                await node.SendWireAsync(new byte[1000]);
                for (var i = 0; i < 400; i++)
                    await node.SendWireAsync([.. Head(MoreWithoutEnd, 1000), .. new byte[1000]]);
                break;
            case "a million empty fragments":
                await node.SendWireAsync([.. Head(BinaryWithoutEnd, 0)]);
                for (var i = 0; i < 100; i++)
                    await node.SendWireAsync([.. Enumerable.Repeat(Head(MoreWithoutEnd, 0), 10_000).SelectMany(h => h)]);
                break;
            case "text":
                await node.SendRawAsync("{}"u8.ToArray(), WebSocketMessageType.Text);
                break;
        }
    }

    public static TheoryData<string> Breaches => ["a reserved bit", "no mask", "an unknown opcode", "a continuation of nothing", "a long ping"];

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_breach_of_the_WebSocket_protocol_ends_the_session(string what)
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await node.JobAsync();

        await node.SendWireAsync(what switch
        {
            // The first reserved bit says "compressed".
            "a reserved bit" => Head(Binary | 0x40, 1),
            "no mask" => [Binary, 5, 0, 0, 0, 0, 0],
            "an unknown opcode" => Head(0x83, 1),
            "a continuation of nothing" => Head(0x80, 1),
            _ => Head(0x89, 126),
        });

        await attempt.LostAsync(LostReason.LinkClosed);
        Assert.Empty(host.Directory.Summaries());
    }

    [Fact]
    public async Task The_longest_frame_is_read_whole()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec(tokens: 1000));
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        // The envelope of both takes the rest of the frame.
        var text = new string('x', LinkLimits.FrameBytesMax - 200);
        await node.EventsAsync(job, 0, ScriptedNode.Text(text), ScriptedNode.End());

        await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [ScriptedNode.Text(text), ScriptedNode.End()]) });

        var (events, last) = await attempt.ReadAllAsync();
        Assert.Equal(text, events[0].Text.Text_);
        Assert.IsType<AttemptItem.Done>(last);
    }

    [Fact]
    public async Task A_node_that_does_not_read_is_closed_and_not_waited_for()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync(slots: 64);
        List<JobAttempt> attempts = [];
        // Far more than the sockets' buffers hold; the outbox takes it without waiting.
        for (var i = 0; i < 4; i++)
            attempts.Add(session.Start(Jobs.Spec($"job_{i}", requestBytes: LinkLimits.RequestBytesMax - 1000)));
        var lost = Task.WhenAll(attempts.Select(a => a.LostAsync(LostReason.NotReading)));

        // A frame that the sockets still took ends one stall and begins the next, so time passes until one lasts.
        for (uint slots = 1; !lost.IsCompleted; slots++)
        {
            // It is heard in between: silence would end it too.
            await node.SendAsync(new NodeFrame { Status = new Status { Slots = slots } });
            while (session.Slots != slots && !lost.IsCompleted)
                await Task.Yield();
            host.Time.Advance(NodeLimits.SendStallMax + NodeLimits.Tick);
        }

        await lost;
        Assert.Empty(host.Directory.Summaries());
    }

    private static byte[] Head(byte first, long length)
    {
        if (length < 126)
            return [first, (byte)(Masked | length), .. NoMask];
        var head = new byte[14];
        head[0] = first;
        head[1] = Masked | 127;
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), length);
        return length > ushort.MaxValue ? head : [first, Masked | 126, head[8], head[9], .. NoMask];
    }
}
