using System.Buffers;
using System.IO.Pipelines;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>What is asked: the body becomes a validated request; wire JSON ends here.</summary>
internal static class Read
{
    public static async ValueTask<Result<InferenceRequest>> RequestAsync(HttpContext http, InferenceEndpoint endpoint)
    {
        if (http.Request.Headers.ContentEncoding.Count > 0)
            return new ApiError(ApiErrorCode.InvalidRequest, "A compressed request body is not accepted; send it without Content-Encoding.");
        var reader = http.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        try
        {
            ReadOnlyMemory<byte> body = read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray();
            InferenceRequest? request;
            var error = endpoint switch
            {
                InferenceEndpoint.ChatCompletions => ChatRequestReader.TryRead(body, out request),
                InferenceEndpoint.Completions => CompletionRequestReader.TryRead(body, out request),
                InferenceEndpoint.Messages => MessagesRequestReader.TryRead(body, out request),
                InferenceEndpoint.Responses => ResponsesRequestReader.TryRead(body, out request),
                _ => throw new ArgumentOutOfRangeException(nameof(endpoint), endpoint, "This endpoint has no reader."),
            };
            return error is not null ? error : request!;
        }
        finally
        {
            reader.AdvanceTo(read.Buffer.End);
        }
    }
}
