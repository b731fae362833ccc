using System.Buffers;
using System.Globalization;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway;

/// <summary>An <see cref="ApiError"/> as an HTTP response: status, retry headers, and the envelope of the path's dialect.</summary>
internal static class ErrorResponse
{
    /// <summary>Below it errors have Anthropic's envelope, everywhere else OpenAI's.</summary>
    public const string AnthropicPath = "/v1/messages";

    public static async ValueTask WriteAsync(HttpContext http, ApiError error)
    {
        var response = http.Response;
        var body = new ArrayBufferWriter<byte>(256);
        if (http.Request.Path.StartsWithSegments(AnthropicPath, StringComparison.Ordinal))
            AnthropicError.WriteTo(error, RequestFeature.Of(http).Id.Value, body);
        else
            error.WriteTo(body);
        response.StatusCode = error.Status;
        // A call of the gateway to itself looks at the reason, which not every envelope tells.
        http.Features.Set(error);
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        if (error.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (error.ShouldRetry is { } retry)
            response.Headers["x-should-retry"] = retry ? "true" : "false";
        response.BodyWriter.Write(body.WrittenSpan);
        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
