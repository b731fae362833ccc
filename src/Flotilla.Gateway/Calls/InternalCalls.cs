using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.Gateway.Calls;

/// <summary>Runs routes of this gateway in memory, through the same entry as a socket's request.</summary>
/// <remarks>
/// Polling, batches and whatever else is a front door to the one path comes in here, so that limits, holds, settlements,
/// receipts and headers are those of everybody. What a client at a socket does by leaving, a cancellation does here: the job is
/// settled for what was delivered before the call returns. Once the work is done and charged, a cancellation comes too late, and the answer stands.
/// </remarks>
internal sealed class InternalCalls(IServiceProvider services)
{
    private RequestDelegate? _entry;

    /// <summary>Remembers where requests come in.</summary>
    public RequestDelegate Enter(RequestDelegate entry) => _entry = entry;

    /// <summary>Makes the call and gathers the answer.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled before its work was done; it is settled.</exception>
    public async Task<CallAnswer> RunAsync(InternalCall call, CancellationToken cancellation)
    {
        var consumer = new WholeConsumer();
        var (isWhole, error) = await EnterAsync(call, consumer, cancellation);
        return consumer.Answer(isWhole, error);
    }

    /// <summary>Makes the call and hands on what is flushed, as it comes.</summary>
    /// <returns>False where the answer broke off.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled before its work was done; it is settled.</exception>
    public async Task<bool> RunAsync(InternalCall call, ICallConsumer consumer, CancellationToken cancellation) =>
        (await EnterAsync(call, consumer, cancellation)).IsWhole;

    private async Task<(bool IsWhole, ApiError? Error)> EnterAsync(InternalCall call, ICallConsumer consumer, CancellationToken cancellation)
    {
        var entry = _entry ?? throw new InvalidOperationException("The gateway does not listen yet; nothing can be called.");
        using var connection = new CallConnection(call, consumer, cancellation);
        var context = Context(call, connection);
        await entry(context);
        await connection.CompleteAsync();
        if (!connection.IsFinished)
            cancellation.ThrowIfCancellationRequested();
        return (!connection.IsAborted, context.Features.Get<ApiError>());
    }

    private DefaultHttpContext Context(InternalCall call, CallConnection connection)
    {
        var request = new HttpRequestFeature
        {
            Method = call.Method,
            Path = call.Path,
            QueryString = call.Query,
            RawTarget = call.Path + call.Query,
            Protocol = HttpProtocol.Http11,
            Scheme = Uri.UriSchemeHttp,
            Body = connection.Reader.AsStream(),
        };
        foreach (var (name, value) in call.Headers ?? new HeaderDictionary())
            request.Headers[name] = value;
        request.Headers.ContentType = call.ContentType;
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IRequestBodyPipeFeature>(connection);
        features.Set<IHttpResponseFeature>(connection);
        features.Set<IHttpResponseBodyFeature>(connection);
        features.Set<IHttpRequestLifetimeFeature>(connection);
        features.Set(call);
        features.Set(call.Caller);
        features.Set(call.Turn);
        return new DefaultHttpContext(features) { RequestServices = services };
    }
}
