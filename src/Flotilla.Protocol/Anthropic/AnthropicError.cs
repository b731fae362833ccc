using System.Buffers;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>An error in the envelope that Anthropic's clients read.</summary>
public static class AnthropicError
{
    /// <summary>Writes <c>{"type":"error","error":{"type","message"}[,"request_id"]}</c> on one line.</summary>
    /// <param name="error">The error.</param>
    /// <param name="requestId">The request's id; null leaves it out.</param>
    /// <param name="output">Takes the bytes.</param>
    public static void WriteTo(ApiError error, string? requestId, IBufferWriter<byte> output)
    {
        output.Write("{\"type\":\"error\",\"error\":{\"type\":\""u8);
        output.Write(TypeOf(error.Status));
        output.Write("\",\"message\":"u8);
        output.WriteJsonString(error.Message);
        output.Write("}"u8);
        if (requestId is not null)
        {
            output.Write(",\"request_id\":"u8);
            output.WriteJsonString(requestId);
        }

        output.Write("}"u8);
    }

    // Anthropic's documented pairs; its 529 is our 503, which every HTTP client knows.
    private static ReadOnlySpan<byte> TypeOf(int status) => status switch
    {
        401 => "authentication_error"u8,
        402 => "billing_error"u8,
        403 => "permission_error"u8,
        404 => "not_found_error"u8,
        413 => "request_too_large"u8,
        429 => "rate_limit_error"u8,
        503 => "overloaded_error"u8,
        504 => "timeout_error"u8,
        >= 500 => "api_error"u8,
        _ => "invalid_request_error"u8,
    };
}
