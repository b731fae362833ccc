using Flotilla.Core;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.Telemetry;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Responses;

/// <summary>Remembers responses after their settlement, and recalls the conversations that requests continue.</summary>
internal sealed class ResponseKeeper(ResponseTable table, KeptItems items, IIdSource ids, TimeProvider time, ILogger<ResponseKeeper> log)
{
    /// <summary>The request with the items that it names and the conversation that it continues; what is not a response's passes unchanged.</summary>
    public Result<InferenceRequest> Recall(InferenceRequest request, Caller caller)
    {
        if (request is not TextInference { Response: { } terms } text)
            return request;
        if (terms.References.Count > 0)
        {
            if (items.Find(caller.Namespace, [.. terms.References.Select(r => r.Id).Distinct()]).Failed(out var tooMuch, out var known))
                return tooMuch;
            var (whole, missing) = ItemReferences.Resolve(text, known);
            if (missing is not null)
                return missing;
            text = whole!;
        }

        if (terms.PreviousId is not { } previous)
            return text;
        var kept = table.Conversation(caller.Namespace, previous);
        var (continued, error) = Conversation.Continue(text, kept is null ? null : Chat.Parser.ParseFrom(kept));
        return error is not null ? error : continued!;
    }

    /// <summary>What to do with the finished answer before its last bytes leave; null where nothing is kept.</summary>
    public Func<ResponseRecord, Task>? For(InferenceRequest request, HeldJob job) =>
        request is TextInference { Response.Store: true } text ? record => KeepAsync(job.Hold.Namespace, text, record) : null;

    private async Task KeepAsync(NamespaceId owner, TextInference request, ResponseRecord record)
    {
        var row = new ResponseRow
        {
            Id = record.Id,
            Namespace = owner.Value,
            CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Body = record.Body.ToArray(),
            Input = InputItems.Of(request.Response!.Input, ids).ToArray(),
            Conversation = Conversation.After(request, record.Answer).ToByteArray(),
        };
        try
        {
            await table.AddAsync(row);
        }
        catch (Exception failure) when (failure is SqliteException or ObjectDisposedException)
        {
            // The answer is paid for, and its client is waiting: it gets it, and will be told later that nothing is kept under its id.
            log.ResponseNotKept(record.Id, failure);
        }
    }
}
