using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Collects one answer and writes it as one JSON object in the dialect of its endpoint. Not thread-safe.</summary>
/// <remarks>The same demand on <see cref="Event.Choice"/> as <see cref="IStreamRenderer"/>; memory is bounded by the job's tokens.</remarks>
public interface IWholeRenderer
{
    /// <summary>The media type of JSON.</summary>
    const string Json = "application/json";

    /// <summary>What the answer is.</summary>
    string ContentType => Json;

    /// <summary>Takes in one event.</summary>
    void Append(Event item);

    /// <summary>Bytes that an event adds to the answer, at most.</summary>
    long SizeOf(Event item) => RenderedSize.Of(item);

    /// <summary>Why what was said makes no answer, or null; asked when the runtime has finished. A text can talk a model into that: its work is charged.</summary>
    ApiError? Fault => null;

    /// <summary>Writes the answer; a choice that the runtime left open ends with <c>stop</c>.</summary>
    void Finish(Usage usage, IBufferWriter<byte> output);
}
