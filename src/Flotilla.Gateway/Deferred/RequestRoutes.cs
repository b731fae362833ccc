using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Deferred;

/// <summary><c>/v1/requests</c>: what became of deferred requests, their answers, and their end. A namespace sees its own alone.</summary>
internal sealed class RequestRoutes(Authenticate authenticate, DeferredTable table, DeferredQueue queue, DeferredViews views)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/requests", ListAsync);
        routes.MapGet("/v1/requests/{id}", http => WithOneAsync(http, StatusAsync));
        routes.MapGet("/v1/requests/{id}/result", http => WithOneAsync(http, ResultAsync));
        routes.MapPost("/v1/requests/{id}/cancel", http => WithOneAsync(http, CancelAsync));
        routes.MapDelete("/v1/requests/{id}", http => WithOneAsync(http, DeleteAsync));
    }

    private Task ListAsync(HttpContext http) =>
        new PageQuery(http).AnswerAsync(authenticate, table.List, row => row.Id, row => views.Of(row, queue.Find(row.Id)), DeferredJson.Default.ListPageDeferredView);

    /// <summary>Finds the request that the path names; waits for its answer as long as <c>wait</c> says.</summary>
    private async Task WithOneAsync(HttpContext http, Func<HttpContext, DeferredRow, Task> answer)
    {
        var query = new QueryFields(http);
        var wait = query.Integer("wait", 0, (int)GatewayLimits.LongPollMax.TotalSeconds, 0);
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = query.Error) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        var id = (string)http.Request.RouteValues["id"]!;
        var row = table.Find(caller.Namespace, id);
        if (row is { Status: DeferredStatus.Open } && wait > 0)
        {
            await queue.WhenEndedAsync(id, TimeSpan.FromSeconds(wait), http.RequestAborted);
            row = table.Find(caller.Namespace, id);
        }

        if (row is null)
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.NotFound, "There is no deferred request of this id in your namespace; answered ones are kept for a day.", "id"));
        else
            await answer(http, row);
    }

    private Task StatusAsync(HttpContext http, DeferredRow row) => views.WriteAsync(http, row, queue.Find(row.Id), StatusCodes.Status200OK);

    private async Task ResultAsync(HttpContext http, DeferredRow row)
    {
        if (row.Status == DeferredStatus.Open)
        {
            await views.WriteAsync(http, row, queue.Find(row.Id), StatusCodes.Status202Accepted);
            return;
        }

        if (row.HttpStatus is not { } status)
        {
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.NotFound, "There is no result: the request was cancelled."));
            return;
        }

        await using var body = table.Answer(row.Id);
        http.Response.StatusCode = (int)status;
        foreach (var (name, value) in DeferredHeaders.Read(row.AnswerHeaders!))
            http.Response.Headers[name] = value;
        http.Response.ContentLength = body.Length;
        await body.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private async Task CancelAsync(HttpContext http, DeferredRow row)
    {
        if (queue.Find(row.Id) is { } entry)
        {
            await queue.CancelAsync(entry);
            row = entry.Row;
        }

        await views.WriteAsync(http, row, null, StatusCodes.Status200OK);
    }

    private async Task DeleteAsync(HttpContext http, DeferredRow row)
    {
        if (queue.Find(row.Id) is { } entry)
            await queue.CancelAsync(entry);
        await table.DeleteAsync(row.Id);
        await JsonAnswer.WriteAsync(http, new DeletedView(row.Id, "request"), DeferredJson.Default.DeletedView);
    }
}
