using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes speech as the bytes that it is, or as server-sent events around them.</summary>
internal sealed class SpeechStreamRenderer(SpeechInference request) : IStreamRenderer
{
    /// <inheritdoc />
    public string ContentType => request.AsEvents ? IStreamRenderer.EventStream : SpeechFormats.MediaTypeOf(request.Work.ResponseFormat);

    /// <inheritdoc />
    public bool ShowsErrors => request.AsEvents;

    /// <inheritdoc />
    public void Write(Event item, IBufferWriter<byte> output)
    {
        if (item.BodyCase != Event.BodyOneofCase.Media)
            return;
        if (!request.AsEvents)
        {
            output.Write(item.Media.Data.Span);
            return;
        }

        output.Write(SseFrame.Start);
        output.Write("{\"type\":\"speech.audio.delta\",\"audio\":"u8);
        output.WriteJsonBase64(item.Media.Data.Span);
        output.Write("}"u8);
        output.Write(SseFrame.End);
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        if (!request.AsEvents)
            return;
        output.Write(SseFrame.Start);
        output.Write("{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write(",\"output_tokens\":0,\"total_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write("}}"u8);
        output.Write(SseFrame.End);
    }

    /// <inheritdoc />
    public void Fail(ApiError error, IBufferWriter<byte> output)
    {
        if (request.AsEvents)
            AnswerOut.WriteErrorEvent(output, error);
    }
}
