using System.Buffers;
using System.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

public sealed class ApiErrorTests
{
    [Fact]
    public void WriteTo_HasTheFourKeysOfOpenAi()
    {
        Assert.Equal(
            """{"error":{"message":"a \"b\"\u2028","type":"invalid_request_error","param":null,"code":"invalid_request"}}""",
            Written(new ApiError(ApiErrorCode.InvalidRequest, "a \"b\"\u2028")));
        Assert.Equal(
            """{"error":{"message":"m","type":"server_error","param":"model","code":"no_workers_available","retry_after":5}}""",
            Written(new ApiError(ApiErrorCode.NoWorkersAvailable, "m", "model", 5)));
    }

    [Theory]
    [InlineData(ApiErrorCode.MissingApiKey, 401, "authentication_error", "missing_api_key", null)]
    [InlineData(ApiErrorCode.InvalidApiKey, 401, "authentication_error", "invalid_api_key", null)]
    [InlineData(ApiErrorCode.InsufficientCredits, 402, "insufficient_quota", "insufficient_credits", false)]
    [InlineData(ApiErrorCode.ModelNotFound, 404, "invalid_request_error", "model_not_found", null)]
    [InlineData(ApiErrorCode.ModelNotForEndpoint, 400, "invalid_request_error", "model_not_for_endpoint", null)]
    [InlineData(ApiErrorCode.ContextLengthExceeded, 400, "invalid_request_error", "context_length_exceeded", null)]
    [InlineData(ApiErrorCode.BodyTooLarge, 413, "invalid_request_error", "body_too_large", null)]
    [InlineData(ApiErrorCode.RateLimited, 429, "rate_limit_error", "rate_limit_exceeded", null)]
    [InlineData(ApiErrorCode.NotImplemented, 501, "server_error", "not_implemented", false)]
    [InlineData(ApiErrorCode.NodeFailed, 502, "server_error", "node_failed", null)]
    [InlineData(ApiErrorCode.NoWorkersAvailable, 503, "server_error", "no_workers_available", null)]
    [InlineData(ApiErrorCode.Timeout, 504, "server_error", "timeout", null)]
    public void Table_CodeThatClientsDependOn_LooksLikeThis(ApiErrorCode code, int status, string type, string text, bool? retry)
    {
        var error = new ApiError(code, "");
        Assert.Equal((status, type, text, retry), (error.Status, error.Type, error.CodeText, error.ShouldRetry));
    }

    [Fact]
    public void Table_EveryCode_HasItsOwnTextAndAnErrorStatus()
    {
        var codes = Enum.GetValues<ApiErrorCode>();
        Assert.Equal(codes.Length, codes.Select(c => ApiErrors.Of(c).CodeText).Distinct().Count());
        Assert.All(codes, c => Assert.InRange(ApiErrors.Of(c).Status, 400, 599));
        Assert.All(codes, c => Assert.Matches("^[a-z_]+$", ApiErrors.Of(c).CodeText));
    }

    private static string Written(ApiError error)
    {
        var output = new ArrayBufferWriter<byte>();
        error.WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
