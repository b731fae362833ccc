using System.Buffers;
using System.Text.Json;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Gateway.Responses;

/// <summary>Responses that were kept or run in the background: shown, listed, cancelled and forgotten.</summary>
internal sealed class ResponseRoutes(Authenticate authenticate, ResponseTable table, BackgroundResponses background)
{
    private const int ItemsDefault = 20;
    private const int ItemsMax = 100;

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

        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("id", Id(http));
            json.WriteString("object", "response");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        }

        await WriteAsync(http, body.WrittenMemory);
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
        if (authenticate.IdentifyCaller(http).Failed(out var error, out var caller) || (error = Fault(http)) is not null)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (table.Input(caller.Namespace, Id(http)) is not { } input)
        {
            await ErrorResponse.WriteAsync(http, NotFound());
            return;
        }

        var body = new ArrayBufferWriter<byte>(input.Length + 128);
        using (var json = new Utf8JsonWriter(body))
        using (var items = JsonDocument.Parse(input))
            WriteItems(json, items.RootElement.EnumerateArray(), http.Request.Query);
        await WriteAsync(http, body.WrittenMemory);
    }

    private static void WriteItems(Utf8JsonWriter json, IEnumerable<JsonElement> items, IQueryCollection query)
    {
        // The newest first, as OpenAI has it where nothing is said.
        var ordered = query["order"] is ["asc"] ? items : items.Reverse();
        if (query["after"] is [{ } after])
            ordered = ordered.SkipWhile(i => i.GetProperty("id").GetString() != after).Skip(1);
        var limit = query["limit"] is [{ } given] ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : ItemsDefault;
        JsonElement[] found = [.. ordered.Take(limit + 1)];
        JsonElement[] page = [.. found.Take(limit)];
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var item in page)
            item.WriteTo(json);
        json.WriteEndArray();
        json.WriteString("first_id", page.Length > 0 ? page[0].GetProperty("id").GetString() : null);
        json.WriteString("last_id", page.Length > 0 ? page[^1].GetProperty("id").GetString() : null);
        json.WriteBoolean("has_more", found.Length > limit);
        json.WriteEndObject();
    }

    private static ApiError? Fault(HttpContext http)
    {
        var query = http.Request.Query;
        if (query["limit"] is { Count: > 0 } limit && !(limit is [{ } text] && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= ItemsMax))
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for 'limit': expected an integer from 1 to {ItemsMax}.", "limit");
        return query["order"] is { Count: > 0 } order && order is not (["asc"] or ["desc"])
            ? new ApiError(ApiErrorCode.InvalidValue, "Invalid value for 'order': expected 'asc' or 'desc'.", "order")
            : null;
    }

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
