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
        var header = http.Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return new ApiError(ApiErrorCode.MissingApiKey, "You didn't provide an API key. Send it as 'Authorization: Bearer sk-flt-…'.");
        var secret = value.AsSpan(Scheme.Length).Trim();
        var key = ledger.Keys.Find(KeyBook.HashOf(secret.ToString()));
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
}
