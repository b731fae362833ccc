using System.Collections.Concurrent;
using System.Globalization;
using Flotilla.Core;
using Flotilla.Gateway.Limits;
using Flotilla.Ledger;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Stages;

/// <summary>How much a key and its namespace may ask for: in front of every route, so that no front door is forgotten.</summary>
/// <remarks>
/// What is sent again and reads along with the try before it is no work, and passes: so a request meets its limits where that is known, at its <see cref="Entrance"/>.
/// A request that the gateway makes to itself was let in once already. The tokens of a deferred one count when it is served
/// (<see cref="Later"/>), or deferring would be a way around the limit; the lines of a batch have limits of their own. Memory is one entry for each key and namespace that the ledger knows.
/// </remarks>
internal sealed class Limit(Authenticate authenticate, KeyLimitBook limits, GatewayOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Allowance> _allowances = new(StringComparer.Ordinal);

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (Caller(http) is not { } key)
        {
            await next(http);
            return;
        }

        var (own, shared) = AllowancesOf(key.Id, key.Namespace!.Value);
        http.Response.OnStarting(Stamp, (http.Response, own, shared));
        if (HttpMethods.IsPost(http.Request.Method))
            http.Features.Set(new Entrance(own, shared));
        try
        {
            await next(http);
        }
        finally
        {
            Turn.Of(http)?.Dispose();
        }
    }

    /// <summary>Lets in whatever did not turn out to be a repeat: from here on it makes something run.</summary>
    public static async Task AdmitAsync(HttpContext http, RequestDelegate next)
    {
        if (Entrance.Pass(http) is { } refusal)
            await ErrorResponse.WriteAsync(http, refusal);
        else
            await next(http);
    }

    /// <summary>The turn of a request that was let in before and is served now: its tokens count, and where there are too few it is refused and waits.</summary>
    public Turn Later(Caller caller)
    {
        var (own, shared) = AllowancesOf(caller.Key, caller.Namespace);
        return new Turn(own, shared, isCounted: false);
    }

    /// <summary>Who asks for a part of the public API; null for everybody whom the routes will refuse or need not know.</summary>
    private KeyRecord? Caller(HttpContext http)
    {
        if (RequestFeature.Of(http).Call is not null || !http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
            return null;
        return authenticate.Identify(http).Failed(out _, out var key) || key.Namespace is null ? null : key;
    }

    private (Allowance Key, Allowance Namespace) AllowancesOf(KeyId key, NamespaceId space)
    {
        var holding = limits.HoldingFor(key);
        var own = _allowances.GetOrAdd(key.Value, static (_, made) => new Allowance("key", made.Limits, made.Time), (Limits: holding, Time: time));
        own.Change(holding);
        return (own, _allowances.GetOrAdd(space.Value, static (_, made) => new Allowance("namespace", made.Limits, made.Time), (Limits: options.NamespaceLimits, Time: time)));
    }

    private static Task Stamp(object state)
    {
        var (response, own, shared) = ((HttpResponse, Allowance, Allowance))state;
        Write(response, "requests", Level.Tighter(own.Requests(), shared.Requests()));
        Write(response, "tokens", Level.Tighter(own.Tokens(), shared.Tokens()));
        return Task.CompletedTask;
    }

    private static void Write(HttpResponse response, string what, Level level)
    {
        if (level.Limit == 0)
            return;
        response.Headers["x-ratelimit-limit-" + what] = level.Limit.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-ratelimit-remaining-" + what] = level.Remaining.ToString(CultureInfo.InvariantCulture);
        response.Headers["x-ratelimit-reset-" + what] = Level.Duration(level.Reset);
    }
}
