using System.Buffers;
using Google.Protobuf;

namespace Flotilla.Protocol.Link;

/// <summary>Frames to bytes and back, within <see cref="LinkLimits"/>.</summary>
public static class LinkCodec
{
    /// <summary>Reads one whole message as a frame.</summary>
    /// <param name="parser">The parser of <see cref="NodeFrame"/>, <see cref="GatewayFrame"/> or a message inside them.</param>
    /// <param name="bytes">The message.</param>
    /// <param name="frame">The frame, when the answer is true.</param>
    /// <returns>False for bytes that are no such frame: bad wire format, bad UTF-8, nesting over the limit.</returns>
    public static bool TryRead<T>(MessageParser<T> parser, ReadOnlySequence<byte> bytes, out T frame)
        where T : class, IMessage<T>
    {
        frame = null!;
        try
        {
            // A stream input is the one that takes a recursion limit; the copy is bounded by the frame limit.
            using var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes.ToArray()), (int)Math.Max(bytes.Length, 1), LinkLimits.RecursionMax);
            frame = parser.ParseFrom(input);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>Writes a frame.</summary>
    public static void Write(IMessage frame, IBufferWriter<byte> writer) => frame.WriteTo(writer);
}
