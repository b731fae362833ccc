using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Answers;

/// <summary>One body, written when the job is settled.</summary>
internal sealed class WholeAnswer(HttpContext http, InferenceRequest request, AnswerHead head, Func<ResponseRecord, Task>? keep) : IAnswer
{
    private readonly OpenChoices _open = new(request);
    private IWholeRenderer _renderer = Dialect.Of(request.Endpoint).Whole(request, head);
    private long _bytes;

    public bool Begun => false;

    public long Unflushed => 0;

    public ApiError? Fault => _renderer.Fault;

    public bool IsFull => _bytes > GatewayLimits.WholeAnswerBytesMax;

    public void Restart()
    {
        _renderer = Dialect.Of(request.Endpoint).Whole(request, head);
        _open.Clear();
        _bytes = 0;
    }

    public bool TryCut()
    {
        foreach (var end in _open.Ends())
            _renderer.Append(end);
        return _open.CanEnd;
    }

    public void Append(Event item)
    {
        _renderer.Append(item);
        _open.See(item);
        _bytes += _renderer.SizeOf(item);
    }

    public ValueTask<bool> FlushAsync(CancellationToken cancellation) => ValueTask.FromResult(false);

    public async ValueTask EndAsync(Usage usage, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        _renderer.Finish(usage, body);
        if (keep is not null && _renderer is IResponseRenderer { Record: { } record })
            await keep(record);
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = _renderer.ContentType;
        http.Response.ContentLength = body.WrittenCount;
        http.Response.BodyWriter.Write(body.WrittenSpan);
        await http.Response.BodyWriter.FlushAsync(cancellation);
    }

    public async ValueTask FailAsync(ApiError error, CancellationToken cancellation) => await ErrorResponse.WriteAsync(http, error);
}
