using System.Buffers;

namespace Flotilla.Protocol.OpenAI;

/// <summary>An error as OpenAI's clients read it.</summary>
/// <param name="Code">Which one.</param>
/// <param name="Message">For a person: what was wrong, the limit and the value. Never a prompt, never a key.</param>
/// <param name="Param">The field that is at fault, such as <c>messages[2].content</c>.</param>
/// <param name="RetryAfterSeconds">When to come again: body <c>error.retry_after</c>; the header is the gateway's to set.</param>
public sealed record ApiError(ApiErrorCode Code, string Message, string? Param = null, int? RetryAfterSeconds = null)
{
    /// <summary>HTTP status.</summary>
    public int Status => ApiErrors.Of(Code).Status;

    /// <summary>The envelope's <c>type</c>.</summary>
    public string Type => ApiErrors.Of(Code).Type;

    /// <summary>The envelope's <c>code</c>.</summary>
    public string CodeText => ApiErrors.Of(Code).CodeText;

    /// <summary>The header <c>x-should-retry</c>; null: send none.</summary>
    public bool? ShouldRetry => ApiErrors.Of(Code).ShouldRetry;

    /// <summary>Which constraint left nobody to serve the request: body <c>error.availability</c>; null where that was not the reason.</summary>
    public Availability? Availability { get; init; }

    /// <summary>Writes <c>{"error":{"message","type","param","code"[,"retry_after"][,"availability"]}}</c> on one line.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        WriteMember(output);
        output.Write("}"u8);
    }

    /// <summary>Writes <c>"error":{…}</c>, to stand in an object beside other members.</summary>
    internal void WriteMember(IBufferWriter<byte> output)
    {
        output.Write("\"error\":{\"message\":"u8);
        output.WriteJsonString(Message);
        output.Write(",\"type\":"u8);
        output.WriteJsonString(Type);
        output.Write(",\"param\":"u8);
        output.WriteJsonStringOrNull(Param);
        output.Write(",\"code\":"u8);
        output.WriteJsonString(CodeText);
        if (RetryAfterSeconds is { } seconds)
        {
            output.Write(",\"retry_after\":"u8);
            output.WriteJsonNumber(seconds);
        }

        Availability?.WriteTo(output);
        output.Write("}"u8);
    }
}
