using System.Text;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Tests.OpenAI;

/// <summary>Short ways to read a body.</summary>
internal static class Requests
{
    public static TextInference Chat(string json)
    {
        Assert.Null(ChatRequestReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        return request!;
    }

    public static TextInference ChatWith(string fields) => Chat(ChatBody(fields));

    public static ApiError ChatError(string json)
    {
        var error = ChatRequestReader.TryRead(Encoding.UTF8.GetBytes(json), out var request);
        Assert.Null(request);
        return Assert.IsType<ApiError>(error);
    }

    public static ApiError ChatErrorWith(string fields) => ChatError(ChatBody(fields));

    public static TextInference Completion(string json)
    {
        Assert.Null(CompletionRequestReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        return request!;
    }

    public static TextInference CompletionWith(string fields) => Completion(CompletionBody(fields));

    public static ApiError CompletionError(string json)
    {
        var error = CompletionRequestReader.TryRead(Encoding.UTF8.GetBytes(json), out var request);
        Assert.Null(request);
        return Assert.IsType<ApiError>(error);
    }

    public static ApiError CompletionErrorWith(string fields) => CompletionError(CompletionBody(fields));

    public static string ChatBody(string fields) => $$"""{"model":"m","messages":[{"role":"user","content":"hi"}]{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    public static string CompletionBody(string fields) => $$"""{"model":"m"{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";
}
