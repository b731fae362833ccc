using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Outbound;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Webhooks;

/// <summary><c>/v1/webhooks</c>: who is told what, and what became of it. A namespace sees its own alone.</summary>
internal sealed class WebhookRoutes(
    Authenticate authenticate, WebhookSender sender, WebhookBook book, WebhookTable table, DeliveryTable deliveries, OutboundRules rules, LedgerStore ledger, IIdSource ids, TimeProvider time)
{
    private const string Prefix = "wh_";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/webhooks", CreateAsync);
        routes.MapGet("/v1/webhooks", ListAsync);
        routes.MapGet("/v1/webhooks/{id}", http => WithOneAsync(http, row => JsonAnswer.WriteAsync(http, WebhookView.Of(row), WebhookJson.Default.WebhookView)));
        routes.MapDelete("/v1/webhooks/{id}", http => WithOneAsync(http, row => DeleteAsync(http, row)));
        routes.MapPost("/v1/webhooks/{id}/test", http => WithOneAsync(http, row => TestAsync(http, row)));
        routes.MapGet("/v1/webhooks/{id}/deliveries", DeliveriesAsync);
    }

    private async Task CreateAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var id = Prefix + RequestFeature.Of(http).Id.Value[RequestId.Prefix.Length..];
        if (table.Find(caller.Namespace, id) is { } earlier)
        {
            // The same request, done over because its answer was lost.
            await ShowAsync(http, earlier);
            return;
        }

        error = WebhookRequestReader.TryRead(await Read.BodyAsync(http), out var request) ?? Refuse(request!.Url);
        if (error is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var row = Row(id, caller.Namespace, request!);
        if (await sender.TryAddAsync(row, await ledger.Jobs.PlaceAsync(http.RequestAborted)))
            await ShowAsync(http, row);
        else
            await ErrorResponse.WriteAsync(http, new ApiError(
                ApiErrorCode.InvalidRequest, $"Your namespace has {WebhookLimits.PerNamespaceMax} webhooks, the most that it may have. Delete one (DELETE /v1/webhooks/{{id}})."));
    }

    // What can be said without asking for the name's addresses, which may be others when it is called.
    private ApiError? Refuse(string url) =>
        OutboundUrl.Read(url, rules, out var fault) is null ? new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for 'url': it {fault}", "url") : null;

    private WebhookRow Row(string id, NamespaceId owner, WebhookRequest request)
    {
        var secret = request.Secret;
        if (secret is null)
            ids.Fill(secret = new byte[WebhookLimits.SecretBytes]);
        return new WebhookRow
        {
            Id = id,
            NamespaceId = owner.Value,
            Url = request.Url,
            Secret = secret,
            Events = JsonSerializer.Serialize([.. request.Events], WebhookJson.Default.StringArray),
            Models = request.Models is null ? null : JsonSerializer.Serialize([.. request.Models], WebhookJson.Default.StringArray),
            HearsJobs = Webhook.HearsJobs(request.Events),
            CreditThreshold = request.CreditThreshold?.Micro,
            CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    private Task ListAsync(HttpContext http) =>
        new PageQuery(http).AnswerAsync(authenticate, table.List, row => row.Id, WebhookView.Of, WebhookJson.Default.ListPageWebhookView);

    private async Task WithOneAsync(HttpContext http, Func<WebhookRow, Task> answer, ApiError? fault = null)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = fault) is not null)
            await ErrorResponse.WriteAsync(http, error);
        else if (table.Find(caller.Namespace, (string)http.Request.RouteValues["id"]!) is { } row)
            await answer(row);
        else
            await ErrorResponse.WriteAsync(http, NotFound());
    }

    private static ApiError NotFound() => new(ApiErrorCode.NotFound, "There is no webhook of this id in your namespace; GET /v1/webhooks lists them.", "id");

    private async Task DeleteAsync(HttpContext http, WebhookRow row)
    {
        await sender.DeleteAsync(new NamespaceId(row.NamespaceId), row.Id);
        await JsonAnswer.WriteAsync(http, new DeletedView(row.Id, "webhook"), WebhookJson.Default.DeletedView);
    }

    /// <summary>Answers with what is going to be posted.</summary>
    private async Task TestAsync(HttpContext http, WebhookRow row)
    {
        var happened = book.Event(book.Audience.Of(row.NamespaceId).Where(w => w.Id == row.Id), WebhookEventTypes.Test, WebhookBook.Named(row.Id));
        if (happened is null)
        {
            await ErrorResponse.WriteAsync(http, NotFound());
            return;
        }

        await deliveries.AddAsync(happened);
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(happened.Body, http.RequestAborted);
    }

    private Task DeliveriesAsync(HttpContext http)
    {
        var page = new PageQuery(http);
        return WithOneAsync(
            http,
            row => page.WriteAsync((after, limit) => deliveries.List(row.Id, after, limit), d => d.Id, DeliveryView.Of, WebhookJson.Default.ListPageDeliveryView),
            page.Fields.Error);
    }

    /// <summary>The only answer that has the secret.</summary>
    private static Task ShowAsync(HttpContext http, WebhookRow row) =>
        JsonAnswer.WriteAsync(http, WebhookView.Of(row) with { Secret = WebhookSignature.Show(row.Secret) }, WebhookJson.Default.WebhookView);
}
