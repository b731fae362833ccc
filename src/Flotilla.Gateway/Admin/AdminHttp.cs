using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Admin;

/// <summary>What every route of the admin API shares: who may ask, how bodies are read and answers written.</summary>
internal sealed class AdminHttp(Authenticate authenticate, GatewayOptions options)
{
    /// <summary>Lets an admin key in, from this machine alone unless the operator decided otherwise.</summary>
    public RequestDelegate Guard(Func<HttpContext, Task<ApiError?>> handler) => async http =>
    {
        var error = Refuse(http);
        error ??= await handler(http);
        if (error is not null)
            await ErrorResponse.WriteAsync(http, error);
    };

    public static async ValueTask<(ApiError? Error, T? Body)> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var body = await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted);
            return body is null ? (new ApiError(ApiErrorCode.InvalidJson, "The body is null; send a JSON object."), null) : (null, body);
        }
        catch (JsonException e)
        {
            return (new ApiError(ApiErrorCode.InvalidJson, $"The body does not fit: {e.Message}"), null);
        }
    }

    public static async Task<ApiError?> WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, value, type, http.RequestAborted);
        return null;
    }

    private ApiError? Refuse(HttpContext http)
    {
        if (!options.AdminFromAnywhere && http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
            return new ApiError(ApiErrorCode.PermissionDenied, "The admin API answers this machine only; set admin_from_anywhere to change that.");
        if (authenticate.Identify(http).Failed(out var error, out var key))
            return error;
        return key.Kind == KeyKind.Admin ? null : new ApiError(ApiErrorCode.PermissionDenied, "This needs an admin key (ak-flt-…); a namespace's key cannot administer.");
    }
}
