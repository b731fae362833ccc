using System.Text.Json;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Responses;

/// <summary>Responses that were kept or run in the background: shown, listed, cancelled and forgotten.</summary>
internal sealed class ResponseRoutes(Authenticate authenticate, ResponseTable table, BackgroundResponses background)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/responses/{id}", FindAsync);
        routes.MapDelete("/v1/responses/{id}", DeleteAsync);
        routes.MapPost("/v1/responses/{id}/cancel", CancelAsync);
        routes.MapGet("/v1/responses/{id}/input_items", InputItemsAsync);
    }

    private async Task FindAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
            await ErrorResponse.WriteAsync(http, error);
        else if (http.Request.Query["stream"] is ["true"])
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.UnsupportedField, "A response that is kept is not streamed again; leave 'stream' out.", "stream"));
        else if ((table.Body(caller.Namespace, Id(http)) is { } kept ? kept : background.Find(caller.Namespace, Id(http))) is not { } body)
            await ErrorResponse.WriteAsync(http, NotFound());
        else
            await WriteAsync(http, body);
    }

    private async Task DeleteAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        // Both: an answer that came in the background is kept like any other, and its request with it.
        var ended = await background.DeleteAsync(caller.Namespace, Id(http));
        if (!await table.DeleteAsync(caller.Namespace, Id(http)) && !ended)
        {
            await ErrorResponse.WriteAsync(http, NotFound());
            return;
        }

        await JsonAnswer.WriteAsync(http, new DeletedView(Id(http), "response"), ResponseJson.Default.DeletedView);
    }

    private async Task CancelAsync(HttpContext http)
    {
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller))
            await ErrorResponse.WriteAsync(http, error);
        else if (await background.CancelAsync(caller.Namespace, Id(http)) is { } body)
            await WriteAsync(http, body);
        else if (table.Body(caller.Namespace, Id(http)) is null)
            await ErrorResponse.WriteAsync(http, NotFound());
        else
            await ErrorResponse.WriteAsync(http, new ApiError(ApiErrorCode.InvalidRequest, "Only a response that was made with 'background' can be cancelled, within a day; this one is complete."));
    }

    private async Task InputItemsAsync(HttpContext http)
    {
        var page = new PageQuery(http);
        var isNewestFirst = page.IsNewestFirst();
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = page.Fields.Error) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (table.Input(caller.Namespace, Id(http)) is not { } input)
        {
            await ErrorResponse.WriteAsync(http, NotFound());
            return;
        }

        using var items = JsonDocument.Parse(input);
        await page.WriteAsync((after, limit) => Items(items.RootElement, isNewestFirst, after, limit), IdOf, item => item, ResponseJson.Default.ListPageJsonElement);
    }

    private static JsonElement[] Items(JsonElement all, bool isNewestFirst, string? after, int limit)
    {
        var ordered = isNewestFirst ? all.EnumerateArray().Reverse() : all.EnumerateArray();
        return [.. (after is null ? ordered : ordered.SkipWhile(item => IdOf(item) != after).Skip(1)).Take(limit)];
    }

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static ApiError NotFound() =>
        new(ApiErrorCode.NotFound, $"Your namespace keeps no response of this id; they are kept for {StateDays} days, unless 'store' is false.", "id");

    private static int StateDays => (int)State.StateLimits.ResponsesKept.TotalDays;

    /// <summary>Answers with JSON.</summary>
    public static async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
