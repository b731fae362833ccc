using System.Globalization;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Telemetry;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway;

/// <summary>Around every request: its id, its time, and OpenAI's envelope for what nobody else caught.</summary>
internal sealed class RequestMiddleware(IIdSource ids, TimeProvider time, ILogger<RequestMiddleware> log)
{
    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var call = http.Features.Get<InternalCall>();
        var feature = new RequestFeature(call?.Request ?? RequestId.New(ids), time.GetTimestamp()) { Call = call };
        http.Features.Set(feature);
        http.Response.Headers["x-request-id"] = feature.Id.Value;
        if (http.Request.Path.StartsWithSegments(ErrorResponse.AnthropicPath, StringComparison.Ordinal))
            http.Response.Headers["request-id"] = feature.Id.Value;
        http.Response.OnStarting(StampTime, (http, time));
        try
        {
            await next(http);
            if (!http.Response.HasStarted && NoRoute(http.Response.StatusCode) is { } error)
                await ErrorResponse.WriteAsync(http, error);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            log.ClientLeft(feature.Id.Value);
        }
        catch (Exception e)
        {
            await FailAsync(http, feature, e);
        }
    }

    private static Task StampTime(object state)
    {
        var (http, time) = ((HttpContext, TimeProvider))state;
        var elapsed = time.GetElapsedTime(RequestFeature.Of(http).Started);
        http.Response.Headers["openai-processing-ms"] = ((long)elapsed.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }

    private static ApiError? NoRoute(int status) => status switch
    {
        StatusCodes.Status404NotFound => new ApiError(ApiErrorCode.NotFound, "Invalid URL: this path is not served here. The API's paths begin with /v1/."),
        StatusCodes.Status405MethodNotAllowed => new ApiError(ApiErrorCode.MethodNotAllowed, "This path is served with another HTTP method; the Allow header names it."),
        _ => null,
    };

    private async Task FailAsync(HttpContext http, RequestFeature feature, Exception exception)
    {
        var error = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                new ApiError(ApiErrorCode.BodyTooLarge, $"The body is too large; at most {http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? GatewayLimits.BodyBytesMax} bytes are read."),
            BadHttpRequestException e => new ApiError(ApiErrorCode.InvalidRequest, $"The request could not be read: {e.Message}"),
            LedgerFaultedException => new ApiError(ApiErrorCode.Overloaded, "The gateway's ledger has stopped; the operator must restart it.", RetryAfterSeconds: GatewayLimits.RetryAfterSeconds),
            _ => new ApiError(ApiErrorCode.Internal, $"The gateway failed on this request. Its operator finds the reason under {feature.Id}."),
        };
        if (error.Status >= StatusCodes.Status500InternalServerError)
            log.RequestFailed(exception, feature.Id.Value, http.Request.Path);
        if (http.Response.HasStarted)
            http.Abort();
        else
            await ErrorResponse.WriteAsync(http, error);
    }
}
