using System.Buffers;
using Flotilla.Protocol.Link;
using Google.Protobuf;
using static Flotilla.Protocol.Tests.OpenAI.Answers;

namespace Flotilla.Protocol.Tests.Link;

public sealed class LinkCodecTests
{
    private static readonly NodeFrame Frame = new()
    {
        SessionEpoch = 9,
        Events = new JobEvents { JobId = "job_1", Attempt = 1, Sequence = 3, Events = { Text("é", 0, Token([0xC3], -1, ("x", -2))), Call(0, "f", "{}"), Done() } },
    };

    [Fact]
    public void TryRead_WhatWriteWrote_GivesTheSameFrame()
    {
        var bytes = Written(Frame);
        Assert.True(LinkCodec.TryRead(NodeFrame.Parser, bytes.AsSpan(), out NodeFrame frame));
        Assert.Equal(Frame, frame);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.True(LinkCodec.TryRead(NodeFrame.Parser, TwoSegments(bytes, cut), out frame));
            Assert.Equal(Frame, frame);
        }
    }

    [Fact]
    public void TryRead_EveryTruncation_IsAnsweredAndNeverThrows()
    {
        var bytes = Written(Frame);
        var refused = 0;
        for (var length = 0; length < bytes.Length; length++)
            refused += LinkCodec.TryRead(NodeFrame.Parser, bytes.AsSpan(0, length), out NodeFrame _) ? 0 : 1;
        // The outer length of the events covers nearly everything.
        Assert.InRange(refused, bytes.Length - 6, bytes.Length - 1);
    }

    [Fact]
    public void TryRead_Garbage_IsAnsweredAndNeverThrows()
    {
        var random = new Random(34);
        var valid = Written(Frame);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            byte[] bytes;
            if (i % 2 == 0)
            {
                bytes = new byte[random.Next(1, 200)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = valid.ToArray();
                for (var changes = random.Next(1, 5); changes > 0; changes--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var nodes = LinkCodec.TryRead(NodeFrame.Parser, bytes.AsSpan(), out NodeFrame _);
            var gateways = LinkCodec.TryRead(GatewayFrame.Parser, TwoSegments(bytes, random.Next(bytes.Length)), out GatewayFrame _);
            refused += (nodes ? 0 : 1) + (gateways ? 0 : 1);
        }

        Assert.InRange(refused, 10_000, 39_999);
    }

    [Fact]
    public void TryRead_BadUtf8_ReadsAsTheReplacementCharacter()
    {
        // Field 7 (events), in it field 1 (job_id): a string of one byte that is no UTF-8.
        Assert.True(LinkCodec.TryRead(NodeFrame.Parser, [0x3A, 0x03, 0x0A, 0x01, 0xFF], out NodeFrame frame));
        Assert.Equal("\uFFFD", frame.Events.JobId);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(LinkLimits.FrameBytesMax)]
    public void TryRead_GroupsNestedWithoutEnd_AreRefusedWithoutOverflow(int depth)
    {
        // 0x9B 0x06: start of a group of unknown field 99.
        var bytes = new byte[depth];
        for (var i = 0; i < depth; i++)
            bytes[i] = i % 2 == 0 ? (byte)0x9B : (byte)0x06;
        Assert.False(LinkCodec.TryRead(NodeFrame.Parser, bytes.AsSpan(), out NodeFrame _));
    }

    [Fact]
    public void TryRead_LengthsBeyondTheFrame_AreRefusedWhateverFollowsAndAllocateNothingLikeIt()
    {
        // Field 2 (hello) or 7 (events) claims up to 2³² − 1 bytes; behind it stand a few, among them lengths as false.
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte tag in (byte[])[0x12, 0x3A])
        {
            for (var last = 0; last < 16; last++)
            {
                for (var rest = 0; rest < 40; rest++)
                {
                    byte[] bytes = [tag, 0xFF, 0xFF, 0xFF, 0xFF, (byte)last, .. Enumerable.Range(0, rest).Select(i => i % 3 == 0 ? (byte)0x0A : (byte)(i * 37))];
                    var known = LinkCodec.TryRead(NodeFrame.Parser, bytes.AsSpan(), out NodeFrame _);
                    var cut = LinkCodec.TryRead(NodeFrame.Parser, TwoSegments(bytes, bytes.Length / 2), out NodeFrame _);
                    Assert.False(known || cut, Convert.ToHexString(bytes));
                }
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }

    [Fact]
    public void EventBytes_IsTheEventsAlone() => Assert.Equal(Frame.Events.Events.Sum(e => e.CalculateSize()), LinkCodec.EventBytes(Frame.Events));

    private static byte[] Written(NodeFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        LinkCodec.Write(frame, output);
        return output.WrittenSpan.ToArray();
    }

    private static ReadOnlySequence<byte> TwoSegments(byte[] bytes, int cut)
    {
        var first = new Segment(bytes.AsMemory(0, cut));
        var last = first.Append(bytes.AsMemory(cut));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
