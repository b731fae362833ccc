using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Responses;
using Flotilla.Gateway.Webhooks;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.OpenAI.Responses;

namespace Flotilla.Gateway.Deferred;

/// <summary>What webhooks are told of the end of a deferred request: that, and of a response in the background OpenAI's event.</summary>
internal sealed class RequestEvents(WebhookBook webhooks, DeferredTable table)
{
    /// <summary>The events of a request that is over; none where nobody listens.</summary>
    /// <param name="row">The request, with its last state.</param>
    /// <param name="answer">The body of its answer; empty where it has none.</param>
    public IReadOnlyList<WebhookEvent> Of(DeferredRow row, ReadOnlyMemory<byte> answer)
    {
        if (webhooks.Audience.Of(row.NamespaceId).Count == 0)
            return [];
        List<WebhookEvent> events = [];
        Add(events, row, WebhookEventTypes.Request + row.Status.ToString().ToLowerInvariant(), row.Id);
        if (IsResponse(row))
            Add(events, row, WebhookEventTypes.Response + ResponseStatus(row.Status, answer), BackgroundResponses.IdOf(new RequestId(row.Id)));
        return events;
    }

    private void Add(List<WebhookEvent> events, DeferredRow row, string type, string id)
    {
        if (webhooks.Event(row.NamespaceId, type, row.Model, WebhookBook.Named(id)) is { } happened)
            events.Add(happened);
    }

    /// <summary>Whether it is a response in the background; what was deferred by other means is none.</summary>
    private bool IsResponse(DeferredRow row)
    {
        if (row.Path != Dialect.Of(InferenceEndpoint.Responses).Path)
            return false;
        try
        {
            using var body = table.Body(row.Id);
            var bytes = new byte[body.Length];
            body.ReadExactly(bytes);
            return ResponsesRequestReader.TryRead(bytes, out var request) is null && request!.Response!.Background;
        }
        catch (FileNotFoundException)
        {
            // A request whose body is gone has failed for that; nobody can tell any more what it asked for.
            return false;
        }
    }

    private static string ResponseStatus(DeferredStatus status, ReadOnlyMemory<byte> answer)
    {
        if (status == DeferredStatus.Cancelled)
            return "cancelled";
        if (status != DeferredStatus.Completed)
            return "failed";
        using var response = JsonDocument.Parse(answer);
        return response.RootElement.GetProperty("status").GetString()!;
    }
}
