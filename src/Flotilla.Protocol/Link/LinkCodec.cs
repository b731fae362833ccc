using System.Buffers;
using Google.Protobuf;

namespace Flotilla.Protocol.Link;

/// <summary>Frames to bytes and back, within <see cref="LinkLimits"/>.</summary>
/// <remarks>
/// No message of link.proto can hold itself, so what is known nests five deep at most. Only unknown groups could nest
/// further, and those the parser follows 100 deep before it gives up: a bounded stack, without the copy into a stream that a
/// limit of our own would cost on every frame.
/// </remarks>
public static class LinkCodec
{
    /// <summary>Reads one whole message as a frame.</summary>
    /// <param name="parser">The parser of <see cref="NodeFrame"/>, <see cref="GatewayFrame"/> or a message inside them.</param>
    /// <param name="bytes">The message; not kept.</param>
    /// <param name="frame">The frame, when the answer is true.</param>
    /// <returns>False for bytes that are no such frame: bad wire format, nesting over the limit. Bad UTF-8 in a text reads as U+FFFD.</returns>
    public static bool TryRead<T>(MessageParser<T> parser, ReadOnlySequence<byte> bytes, out T frame)
        where T : class, IMessage<T>
    {
        if (bytes.IsSingleSegment)
            return TryRead(parser, bytes.FirstSpan, out frame);
        frame = null!;
        try
        {
            frame = parser.ParseFrom(bytes);
            return true;
        }
        catch (Exception e) when (IsFaultOfTheBytes(e))
        {
            return false;
        }
    }

    /// <summary>As the other; for a message that lies in one piece.</summary>
    public static bool TryRead<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes, out T frame)
        where T : class, IMessage<T>
    {
        frame = null!;
        try
        {
            frame = parser.ParseFrom(bytes);
            return true;
        }
        catch (Exception e) when (IsFaultOfTheBytes(e))
        {
            return false;
        }
    }

    // A length near 2³¹ overflows the parser's own limit (Google.Protobuf 3.25); it then runs against the end of the bytes.
    private static bool IsFaultOfTheBytes(Exception e) => e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentOutOfRangeException;

    /// <summary>Writes a frame.</summary>
    public static void Write(IMessage frame, IBufferWriter<byte> writer) => frame.WriteTo(writer);

    /// <summary>What a frame of events takes from the job's credit window: the bytes of its events, each as Protobuf writes it, without the envelope.</summary>
    public static int EventBytes(JobEvents events)
    {
        var bytes = 0;
        foreach (var item in events.Events)
            bytes = checked(bytes + item.CalculateSize());
        return bytes;
    }
}
