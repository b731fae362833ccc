using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes one answer as server-sent events in the dialect of its endpoint. Not thread-safe: one answer, one renderer.</summary>
/// <remarks>
/// Whatever the model says, the output is well-formed: each event is one line of JSON, in which no CR, LF, U+0085 or
/// U+2028/2029 stands raw. The caller has checked that every <see cref="Event.Choice"/> is below
/// the request's <see cref="Jobs.JobShape.Choices"/>; one that is not throws <see cref="IndexOutOfRangeException"/>.
/// </remarks>
public interface IStreamRenderer
{
    /// <summary>The media type of server-sent events.</summary>
    const string EventStream = "text/event-stream; charset=utf-8";

    /// <summary>What the answer is.</summary>
    string ContentType => EventStream;

    /// <summary>Whether <see cref="Fail"/> can say something; where it can't, the answer is broken off.</summary>
    bool ShowsErrors => true;

    /// <summary>Characters of the answer that it keeps although the client may have them: for an end that repeats them.</summary>
    long Held => 0;

    /// <summary>Writes what the event shows to the client; nothing, where it shows nothing.</summary>
    void Write(Event item, IBufferWriter<byte> output);

    /// <summary>Ends choices that the runtime left open (as <c>stop</c>), writes usage where it was asked for, and <c>[DONE]</c>.</summary>
    void Finish(Usage usage, IBufferWriter<byte> output);

    /// <summary>Ends the stream with a chunk that carries the error, which the SDKs raise, and ends its open choices as <c>error</c>; no <c>[DONE]</c> follows.</summary>
    void Fail(ApiError error, IBufferWriter<byte> output);
}
