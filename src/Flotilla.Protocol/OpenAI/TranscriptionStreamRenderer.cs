using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes a transcript as server-sent events while it grows.</summary>
internal sealed class TranscriptionStreamRenderer : IStreamRenderer
{
    private readonly StringBuilder _text = new();

    /// <inheritdoc />
    public void Write(Event item, IBufferWriter<byte> output)
    {
        if (item.BodyCase != Event.BodyOneofCase.Segment || item.Segment.Text.Trim() is not { Length: > 0 } text)
            return;
        var delta = _text.Length > 0 ? " " + text : text;
        _text.Append(delta);
        output.Write(SseFrame.Start);
        output.Write("{\"type\":\"transcript.text.delta\",\"delta\":"u8);
        output.WriteJsonString(delta);
        output.Write("}"u8);
        output.Write(SseFrame.End);
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        output.Write(SseFrame.Start);
        output.Write("{\"type\":\"transcript.text.done\",\"text\":"u8);
        output.WriteJsonString(_text.ToString());
        output.Write(",\"usage\":"u8);
        TranscriptionWholeRenderer.WriteUsage(usage, output);
        output.Write("}"u8);
        output.Write(SseFrame.End);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output) => AnswerOut.WriteErrorEvent(output, error);
}
