using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Flotilla.Core;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.Stages;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.Gateway.Deferred;

/// <summary>Before every route of inference: takes a request in to be answered later, where its client asks for that.</summary>
internal sealed class DeferredDoor(Authenticate authenticate, DeferredTable table, DeferredQueue queue, DeferredViews views, DrainGate gate, GatewayOptions options, IIdSource ids, TimeProvider time)
{
    private const string Preference = "respond-async";

    /// <summary>Defers the request, or hands it on.</summary>
    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<InferenceRoute>() is not { } route || RequestFeature.Of(http).Call is { MayDefer: false } || gate.IsDraining
            || authenticate.IdentifyCaller(http).Failed(out _, out var caller))
        {
            // Whoever has no key is told so by the route, in its own envelope.
            await next(http);
            return;
        }

        http.Features.Set(caller);
        var isPreferred = http.Request.Headers["Prefer"].Any(p => p is not null && p.Contains(Preference, StringComparison.OrdinalIgnoreCase));
        var isJson = !http.Request.HasFormContentType;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = isJson ? GatewayLimits.BodyBytesMax : route.BodyBytesMax;
        if (isJson ? !isPreferred && !await MayPollAsync(http) : !isPreferred)
        {
            await next(http);
            return;
        }

        if (isJson)
            await TakeJsonAsync(http, caller, isPreferred, next);
        else
            await TakeFormAsync(http, caller);
    }

    /// <summary>Takes in a request that its route has read, as one that its client will ask for.</summary>
    /// <param name="http">The request as it came.</param>
    /// <param name="caller">Who asks and pays.</param>
    /// <param name="model">As the body names it.</param>
    /// <param name="body">What will be posted.</param>
    /// <param name="change">What else than the request's own path, type and looks is kept.</param>
    public async Task<Result<DeferredEntry>> TakeAsync(HttpContext http, Caller caller, string model, byte[] body, Func<DeferredRow, DeferredRow>? change = null)
    {
        if (Row(http, caller, model).Failed(out var error, out var row))
            return error;
        row = change?.Invoke(row) ?? row;
        if (body.Length + row.Reserved > options.StoredBytesMax)
        {
            return new ApiError(
                ApiErrorCode.InvalidRequest,
                $"This request and its answer may take {body.Length + row.Reserved} bytes, and your namespace may keep {options.StoredBytesMax} in all (setting stored_mebibytes). Ask for less.");
        }

        return await table.TryAddAsync(row, body, body.Length) ? queue.Add(row) : TooMany();
    }

    /// <summary>Reads the body to its end, leaves it to be read again, and says whether it could ask for polling.</summary>
    private static async ValueTask<bool> MayPollAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var may = BodyGlance.MayPoll(read.Buffer);
        reader.AdvanceTo(read.Buffer.Start);
        return may;
    }

    private async Task TakeJsonAsync(HttpContext http, Caller caller, bool isPreferred, RequestDelegate next)
    {
        var reader = http.Request.BodyReader;
        ReadResult read;
        while (!(read = await reader.ReadAsync(http.RequestAborted)).IsCompleted)
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var body = read.Buffer.ToArray();
        var glance = BodyGlance.At(body);
        if (!isPreferred && glance.Polling is null)
        {
            reader.AdvanceTo(read.Buffer.Start);
            await next(http);
            return;
        }

        reader.AdvanceTo(read.Buffer.End);
        body = glance.Without(body);
        if (Earlier(http, caller) is { } earlier)
            await ShowAsync(http, earlier, queue.Find(earlier.Id));
        else if (Row(http, caller, SeveralAreAsked(http, glance) ? null : glance.Model).Failed(out var error, out var row))
            await ErrorResponse.WriteAsync(http, error);
        else
            await AcceptAsync(http, row, await table.TryAddAsync(row, body, body.Length));
    }

    private async Task TakeFormAsync(HttpContext http, Caller caller)
    {
        // Its body lies there already; another one must not be written over it.
        if (Earlier(http, caller) is { } earlier)
        {
            await ShowAsync(http, earlier, queue.Find(earlier.Id));
            return;
        }

        if (Row(http, caller, model: null).Failed(out var error, out var row))
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        long bytes;
        await using (var file = table.BeginBody(row.Id))
        {
            try
            {
                await http.Request.Body.CopyToAsync(file, http.RequestAborted);
                bytes = await table.EndBodyAsync(row.Id, file);
            }
            catch
            {
                table.DropBody(row.Id);
                throw;
            }
        }

        await AcceptAsync(http, row, await table.TryAddAsync(row, body: null, bytes));
    }

    private async Task AcceptAsync(HttpContext http, DeferredRow row, bool isStored)
    {
        if (!isStored)
        {
            await ErrorResponse.WriteAsync(http, TooMany());
            return;
        }

        await ShowAsync(http, row, queue.Add(row));
    }

    private async Task ShowAsync(HttpContext http, DeferredRow row, DeferredEntry? entry)
    {
        http.Response.Headers.Location = DeferredViews.StatusUrl(row.Id);
        http.Response.Headers["Preference-Applied"] = Preference;
        await views.WriteAsync(http, row, entry, StatusCodes.Status202Accepted);
    }

    /// <summary>Whether one model's room says nothing of the request's: a video's frames are another one's, whoever describes them.</summary>
    private static bool SeveralAreAsked(HttpContext http, BodyGlance glance) =>
        glance.HasMore || http.Request.Path.Equals(Dialect.Of(InferenceEndpoint.VideoDescriptions).Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a run of the same request has stored, where it is done over because its answer was lost.</summary>
    private DeferredRow? Earlier(HttpContext http, Caller caller) =>
        RequestFeature.Of(http) is { Call: not null, Id: var id } ? table.Find(caller.Namespace, id.Value) : null;

    private ApiError TooMany() => new(
        ApiErrorCode.RateLimited,
        $"Your namespace keeps as many deferred requests as it may: {StateLimits.RequestsPerNamespaceMax}, or {options.StoredBytesMax} bytes of them (setting stored_mebibytes), where a video that is not made yet counts as the largest that it may become. Delete answered ones (DELETE /v1/requests/{{id}}), or wait until open ones are answered.",
        RetryAfterSeconds: GatewayLimits.RetryAfterSeconds);

    private Result<DeferredRow> Row(HttpContext http, Caller caller, string? model)
    {
        var headers = http.Request.Headers;
        DeferredPriority? priority = headers["x-flotilla-priority"].ToString() switch
        {
            "" or "normal" => DeferredPriority.Normal,
            "urgent" => DeferredPriority.Urgent,
            "bulk" => DeferredPriority.Bulk,
            _ => null,
        };
        if (priority is not { } known)
            return new ApiError(ApiErrorCode.InvalidValue, "Invalid value for the header 'x-flotilla-priority': expected urgent, normal or bulk.", "x-flotilla-priority");
        var ttl = GatewayLimits.DeferredTtlDefault;
        if (headers["x-flotilla-ttl"].ToString() is { Length: > 0 } text)
        {
            var most = (int)GatewayLimits.DeferredTtlMax.TotalSeconds;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1 || seconds > most)
                return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for the header 'x-flotilla-ttl': expected 1 to {most} seconds.", "x-flotilla-ttl");
            ttl = TimeSpan.FromSeconds(seconds);
        }

        var now = time.GetUtcNow();
        return new DeferredRow
        {
            Id = RequestFeature.Of(http).Id.Value,
            NamespaceId = caller.Namespace.Value,
            KeyId = caller.Key.Value,
            Path = http.Request.Path.Value!,
            Model = model,
            ContentType = http.Request.ContentType ?? "application/json",
            Headers = DeferredHeaders.OfRequest(headers),
            Priority = known,
            CreatedMs = now.ToUnixTimeMilliseconds(),
            ExpiresMs = (now + ttl).ToUnixTimeMilliseconds(),
            JobId = JobId.New(ids).Value,
        };
    }
}
