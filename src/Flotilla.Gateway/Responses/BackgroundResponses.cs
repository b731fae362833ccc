using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Deferred;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Responses;

/// <summary>Responses that their clients do not wait for: deferred requests, shown as response objects.</summary>
/// <remarks>A response's id is its request's with another prefix, so that each is found by the other and nothing need be stored for it.</remarks>
internal sealed class BackgroundResponses(
    InferencePipeline pipeline, Authenticate authenticate, ResponseKeeper keeper, DeferredDoor door, DeferredTable deferred, DeferredQueue queue, DrainGate gate, IIdSource ids)
{
    private const string Prefix = "resp_";

    /// <summary>The id of the response that a request in the background makes.</summary>
    public static string IdOf(RequestId request) => Prefix + request.Value[RequestId.Prefix.Length..];

    /// <summary>Serves <c>POST /v1/responses</c>: at once, unless the body asks for the background.</summary>
    public async Task RunAsync(HttpContext http)
    {
        // A call that may not be deferred is a run in the background already; and a body that cannot be read is refused in one place.
        if (RequestFeature.Of(http).Call is { MayDefer: false } || gate.IsDraining || authenticate.IdentifyCaller(http).Failed(out _, out var caller)
            || http.Request.Headers.ContentEncoding.Count > 0 || await PeekAsync(http) is not { } body
            || ResponsesRequestReader.TryRead(body, out var request) is not null || !request!.Response!.Background)
        {
            await pipeline.RunAsync(http, InferenceEndpoint.Responses);
            return;
        }

        if (Find(caller.Namespace, IdOf(RequestFeature.Of(http).Id)) is { } earlier)
        {
            // The same request, done over because its answer was lost.
            await ResponseRoutes.WriteAsync(http, earlier);
            return;
        }

        if (keeper.Recall(request, caller).Failed(out var error, out _) || (await door.TakeAsync(http, caller, request.Model, body)).Failed(out error, out var entry))
            await ErrorResponse.WriteAsync(http, error);
        else
            await ResponseRoutes.WriteAsync(http, Show(request, entry.Row, "queued"));
    }

    /// <summary>The response object of a request in the background; null where the namespace has none of this id.</summary>
    public ReadOnlyMemory<byte>? Find(NamespaceId owner, string id) => Row(owner, id) is { } row ? Show(row) : null;

    /// <summary>Ends a response whose client wants no answer any more.</summary>
    /// <returns>The response object, also of one that was faster; null where the namespace has none of this id in the background.</returns>
    public async Task<ReadOnlyMemory<byte>?> CancelAsync(NamespaceId owner, string id)
    {
        if (Row(owner, id) is not { } row)
            return null;
        if (queue.Find(row.Id) is { } entry)
            await queue.CancelAsync(entry);
        return Find(owner, id);
    }

    /// <summary>Ends and forgets a response.</summary>
    /// <returns>Whether there was one in the background.</returns>
    public async Task<bool> DeleteAsync(NamespaceId owner, string id)
    {
        if (Row(owner, id) is not { } row)
            return false;
        if (queue.Find(row.Id) is { } entry)
            await queue.CancelAsync(entry);
        await deferred.DeleteAsync(row.Id);
        return true;
    }

    /// <summary>The body, left to be read again; null for one that cannot ask for the background, which most are.</summary>
    private static async ValueTask<byte[]?> PeekAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var may = read.Buffer.IsSingleSegment
            ? read.Buffer.FirstSpan.IndexOf("background"u8) >= 0
            : new SequenceReader<byte>(read.Buffer).TryReadTo(out ReadOnlySequence<byte> _, "background"u8);
        var body = may ? read.Buffer.ToArray() : null;
        reader.AdvanceTo(read.Buffer.Start);
        return body;
    }

    private DeferredRow? Row(NamespaceId owner, string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && deferred.Find(owner, RequestId.Prefix + id[Prefix.Length..]) is { } row
        && row.Path == Dialect.Of(InferenceEndpoint.Responses).Path ? row : null;

    private ReadOnlyMemory<byte>? Show(DeferredRow row)
    {
        // What was deferred by other means is no response in the background, and may be no valid request at all.
        if (ResponsesRequestReader.TryRead(Whole(deferred.Body(row.Id)), out var request) is not null || !request!.Response!.Background)
            return null;
        return row.Status switch
        {
            DeferredStatus.Completed => Whole(deferred.Answer(row.Id)),
            DeferredStatus.Open => Show(request, row, queue.Find(row.Id)?.Started is null ? "queued" : "in_progress"),
            DeferredStatus.Cancelled => Show(request, row, "cancelled"),
            _ => Show(request, row, "failed", ErrorOf(row)),
        };
    }

    private ReadOnlyMemory<byte> Show(TextInference request, DeferredRow row, string status, ResponseError? error = null)
    {
        const long MillisecondsPerSecond = 1_000;
        var head = new AnswerHead(IdOf(new RequestId(row.Id)), row.CreatedMs / MillisecondsPerSecond, request.Model, ids);
        return ResponseState.Write(request, head, status, error);
    }

    private ResponseError ErrorOf(DeferredRow row)
    {
        using var answer = JsonDocument.Parse(Whole(deferred.Answer(row.Id)));
        var error = answer.RootElement.GetProperty("error");
        return ResponseError.Of((int)row.HttpStatus!.Value, error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!);
    }

    private static byte[] Whole(Stream stream)
    {
        using (stream)
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
