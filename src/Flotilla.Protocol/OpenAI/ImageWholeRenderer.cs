using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes pictures as base64 in one JSON object.</summary>
internal sealed class ImageWholeRenderer(ImageInference request, AnswerHead head) : IWholeRenderer
{
    private readonly ArrayBufferWriter<byte>?[] _pictures = new ArrayBufferWriter<byte>?[request.Work.Count];

    /// <inheritdoc />
    public void Append(Event item)
    {
        if (item.BodyCase == Event.BodyOneofCase.Media)
            (_pictures[item.Choice] ??= new ArrayBufferWriter<byte>()).Write(item.Media.Data.Span);
    }

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        output.Write("{\"created\":"u8);
        output.WriteJsonNumber(head.Created);
        output.Write(",\"output_format\":"u8);
        output.WriteJsonString(request.Work.OutputFormat);
        output.Write(",\"data\":["u8);
        for (var i = 0; i < _pictures.Length; i++)
        {
            output.Write(i == 0 ? "{\"b64_json\":"u8 : ",{\"b64_json\":"u8);
            output.WriteJsonBase64(_pictures[i] is { } picture ? picture.WrittenSpan : []);
            output.Write("}"u8);
        }

        output.Write("]}"u8);
    }
}
