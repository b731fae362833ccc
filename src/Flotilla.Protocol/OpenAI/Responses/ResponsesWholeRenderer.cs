using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A response as one object.</summary>
internal sealed class ResponsesWholeRenderer(TextInference request, AnswerHead head) : IWholeRenderer, IResponseRenderer
{
    private readonly ResponseOutput _response = new(request, head);

    /// <inheritdoc />
    public ResponseRecord? Record { get; private set; }

    /// <inheritdoc />
    public void Append(Event item) => _response.Take(item, out _);

    /// <inheritdoc />
    public void Finish(Usage usage, IBufferWriter<byte> output)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        _response.Write(body, _response.EndStatus, usage);
        Record = new ResponseRecord(head.Id, body.WrittenMemory, _response.Answer());
        output.Write(body.WrittenSpan);
    }
}
