using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Protocol.OpenAI;

/// <summary>From typed events to the dialect that the request asked for.</summary>
public static class Renderers
{
    /// <summary>For an answer that is sent while it grows.</summary>
    public static IStreamRenderer Stream(InferenceRequest request, AnswerHead head) => request.Endpoint switch
    {
        InferenceEndpoint.ChatCompletions => new ChatStreamRenderer(request, head),
        InferenceEndpoint.Completions => new CompletionStreamRenderer(request, head),
        InferenceEndpoint.Messages => new MessagesStreamRenderer(head),
        InferenceEndpoint.Responses => new ResponsesStreamRenderer(request, head),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Endpoint, "This endpoint has no renderer."),
    };

    /// <summary>For an answer that is sent when it is whole.</summary>
    public static IWholeRenderer Whole(InferenceRequest request, AnswerHead head) => request.Endpoint switch
    {
        InferenceEndpoint.ChatCompletions => new ChatWholeRenderer(request, head),
        InferenceEndpoint.Completions => new CompletionWholeRenderer(request, head),
        InferenceEndpoint.Messages => new MessagesWholeRenderer(head),
        InferenceEndpoint.Responses => new ResponsesWholeRenderer(request, head),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Endpoint, "This endpoint has no renderer."),
    };
}
