using System.IO.Pipelines;
using Flotilla.Gateway.Calls;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Flotilla.Gateway.Answers;

/// <summary>An answer that is sent as it comes: server-sent events, or sound.</summary>
internal sealed class StreamAnswer(HttpContext http, InferenceRequest request, AnswerHead head, Func<ResponseRecord, Task>? keep) : IAnswer
{
    // Some ends repeat the text: OpenAI's responses four times.
    private const long RepeatsMax = 4;
    private readonly PipeWriter _body = http.Response.BodyWriter;
    private readonly OpenChoices _open = new(request);

    // Somebody gathers the stream: a repeat, or a client that asks for it later.
    private readonly bool _isGathered = http.Features.Get<InternalCall>() is not null;
    private long _sent;
    private IStreamRenderer _renderer = Dialect.Of(request.Endpoint).Stream(request, head);

    public bool Begun { get; private set; }

    public long Unflushed => _body.UnflushedBytes;

    public bool IsFull => (_isGathered ? _sent + _body.UnflushedBytes : 0) + (_renderer.Held * RepeatsMax * RenderedSize.BytesPerCharMax) > GatewayLimits.WholeAnswerBytesMax;

    public void Restart()
    {
        _renderer = Dialect.Of(request.Endpoint).Stream(request, head);
        _open.Clear();
    }

    public bool TryCut()
    {
        foreach (var end in _open.Ends())
            _renderer.Write(end, _body);
        return _open.CanEnd;
    }

    public void Append(Event item)
    {
        if (!Begun)
            Open();
        _renderer.Write(item, _body);
        _open.See(item);
        Begun |= _body.UnflushedBytes > 0;
    }

    public async ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        if (!Begun)
            return false;
        _sent += _body.UnflushedBytes;
        // A connection that is gone takes bytes without complaint, and says so here alone.
        var flushed = await _body.FlushAsync(cancellation);
        return !flushed.IsCompleted;
    }

    public async ValueTask EndAsync(Usage usage, CancellationToken cancellation)
    {
        if (!Begun)
            Open();
        _renderer.Finish(usage, _body);
        if (keep is not null && _renderer is IResponseRenderer { Record: { } record })
            await keep(record);
        await _body.FlushAsync(cancellation);
    }

    public async ValueTask FailAsync(ApiError error, CancellationToken cancellation)
    {
        if (!Begun)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (!_renderer.ShowsErrors)
        {
            // Without an end of its body, the client knows that the answer is not whole.
            http.Abort();
            return;
        }

        _renderer.Fail(error, _body);
        await _body.FlushAsync(cancellation);
    }

    private void Open()
    {
        var response = http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = _renderer.ContentType;
        response.Headers.CacheControl = "no-cache";
        // Proxies such as nginx hold a response back unless told not to.
        response.Headers["X-Accel-Buffering"] = "no";
        // A model may think for longer than Kestrel's minimum rate allows; the relay has its own rule for readers that stall.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }
}
