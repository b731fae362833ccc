using Flotilla.Ledger;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>Who asks: bearer key to namespace.</summary>
internal sealed class Authenticate(LedgerStore ledger)
{
    private const string Scheme = "Bearer ";

    /// <summary>The key's record, or 401; a revoked key is unknown from the moment the revocation is committed.</summary>
    public Result<KeyRecord> Identify(HttpContext http)
    {
        if (SecretOf(http.Request.Headers) is not { } secret)
            return new ApiError(ApiErrorCode.MissingApiKey, "You didn't provide an API key. Send it as 'Authorization: Bearer sk-flt-…'.");
        var key = ledger.Keys.Find(KeyBook.HashOf(secret));
        return key is { IsRevoked: false }
            ? key
            : new ApiError(ApiErrorCode.InvalidApiKey, "Incorrect API key provided. It is unknown here or was revoked; make one with 'flotilla keys create'.");
    }

    /// <summary>The caller of an endpoint that works on a namespace: an admin key has none.</summary>
    public Result<Caller> IdentifyCaller(HttpContext http)
    {
        // An internal call comes from somebody who was asked for a key before; no header can set this.
        if (http.Features.Get<Caller>() is { } known)
            return known;
        if (Identify(http).Failed(out var error, out var key))
            return error;
        return key.Namespace is { } owner
            ? new Caller(owner, key.Id)
            : new ApiError(ApiErrorCode.PermissionDenied, "This is an admin key; requests need a namespace's key (sk-flt-…), which 'flotilla keys create' makes.");
    }

    /// <summary>The bearer token, or what Anthropic's clients send in its place.</summary>
    private static string? SecretOf(IHeaderDictionary headers)
    {
        var header = headers.Authorization;
        if (header.Count == 1 && header[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return value.AsSpan(Scheme.Length).Trim().ToString();
        return header.Count == 0 && headers["x-api-key"] is [{ Length: > 0 } key] ? key : null;
    }
}
