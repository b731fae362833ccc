using Flotilla.Protocol.OpenAI;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Runtimes;

/// <summary>
/// What an upstream's refusal means for the client, who may mend the request but neither knows nor may see the server
/// behind the node.
/// </summary>
internal static class UpstreamFailures
{
    /// <summary>There is no connection, or it broke before the answer's end.</summary>
    public static RunFailure Gone { get; } = new(Code.Unavailable, "The server behind the node is not there, or broke off its answer.", Retryable: true);

    /// <summary>It was silent for too long.</summary>
    public static RunFailure Silent { get; } = new(Code.Unavailable, "The server behind the node did not answer in time.", Retryable: true);

    /// <summary>It said something that is no answer.</summary>
    public static RunFailure Strange { get; } = new(Code.Runtime, "The server behind the node gave an answer that is none.", Retryable: true);

    /// <summary>It went on beyond what was asked for.</summary>
    public static RunFailure Endless { get; } = new(Code.Runtime, "The server behind the node does not stop where it was asked to.", Retryable: true);

    /// <summary>It answered without the call that it was told to make.</summary>
    public static RunFailure NoCall { get; } = new(Code.ToolChoice, "The model did not call the tool that 'tool_choice' demands.", Retryable: false) { Param = "tool_choice" };

    /// <summary>It answered without the log probabilities that it was asked for.</summary>
    public static RunFailure NoLogprobs { get; } = new(Code.Unsupported, "The server behind the node tells no log probabilities, although 'logprobs' asks for them.", Retryable: false) { Param = "logprobs" };

    /// <summary>It made fewer answers than it was asked for.</summary>
    public static RunFailure FewerChoices { get; } = new(Code.Unsupported, "The server behind the node makes fewer answers than 'n' asks for.", Retryable: false) { Param = "n" };

    /// <summary>It failed in the middle of its answer.</summary>
    public static RunFailure Broke { get; } = new(Code.Runtime, "The server behind the node failed.", Retryable: true);

    /// <summary>It made a sound or a picture of another format or size than it was asked for.</summary>
    public static RunFailure Other(string param, string asked, string made) =>
        new(Code.Unsupported, $"This model makes {made}, whatever '{param}' says; '{asked}' was asked for.", Retryable: false) { Param = param };

    /// <summary>It tried to make a video, and says why there is none. Where the request is at fault, no other node is asked and the server has not failed.</summary>
    /// <param name="error">What it says; null: nothing.</param>
    /// <param name="apiKey">The key that no message may repeat.</param>
    public static RunFailure NotMade(UpstreamError? error, string? apiKey) => error switch
    {
        null => new(Code.Runtime, "The server behind the node made no video.", Retryable: true),
        { Code: { } code } when ApiErrors.IsOfRequest(code) => Mendable(error, apiKey),
        _ => new(Code.Runtime, $"The server behind the node made no video: {Words(error, apiKey)}", Retryable: true),
    };

    /// <summary>A status other than 200, and what it means for the node's owner.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="error">The body's error.</param>
    /// <param name="apiKey">The key that no message may repeat.</param>
    public static (RunFailure Failure, string Meaning) Of(int status, UpstreamError error, string? apiKey) => status switch
    {
        400 or 413 or 422 => (Mendable(error, apiKey), "it does not take the request"),
        401 or 403 => (NotOurs, "it does not accept the node's API key; check the upstream's key"),
        404 => (NotOurs, "it does not know the path or the model; check the base URL, which usually ends in /v1, and the model's name there"),
        429 => (Busy, "it limits the node's rate or has no credit left for it"),
        503 => (Busy, "it is overloaded or still loading"),
        408 or 504 => (Silent, "it took too long"),
        >= 300 and < 400 => (NotOurs, "it redirects, which is not followed; give the address that it redirects to as the base URL"),
        _ => (Broke, "it failed"),
    };

    private static RunFailure NotOurs { get; } = new(Code.Unavailable, "The server behind the node does not serve the node now.", Retryable: true);

    private static RunFailure Busy { get; } = new(Code.Unavailable, "The server behind the node is busy.", Retryable: true);

    private static RunFailure Mendable(UpstreamError error, string? apiKey) =>
        new(IsContext(error) ? Code.ContextLength : Code.InvalidRequest, Words(error, apiKey), Retryable: false) { Param = error.Param ?? "" };

    private static string Words(UpstreamError error, string? apiKey) =>
        apiKey is { Length: > 0 } ? error.Message.Replace(apiKey, "[key]", StringComparison.Ordinal) : error.Message;

    // The code is OpenAI's; vLLM and llama-server only have words for it.
    private static bool IsContext(UpstreamError error) =>
        error.Code == "context_length_exceeded"
        || error.Message.Contains("maximum context length", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("context size", StringComparison.OrdinalIgnoreCase);
}
