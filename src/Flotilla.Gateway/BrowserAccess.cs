using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Gateway;

/// <summary>CORS: closed unless the operator names origins, because a page that holds a key shows it to every visitor.</summary>
internal static class BrowserAccess
{
    private const string PublicApi = "/v1";
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        if (options.CorsOrigins.Count > 0)
            services.AddCors();
    }

    /// <summary>Answers preflights and marks answers for the named origins; the admin API and the node link stay closed.</summary>
    public static void Use(WebApplication app, GatewayOptions options)
    {
        if (options.CorsOrigins.Count == 0)
            return;
        app.UseWhen(http => http.Request.Path.StartsWithSegments(PublicApi, StringComparison.OrdinalIgnoreCase), api => api.UseCors(policy => policy
            .WithOrigins([.. options.CorsOrigins])
            .AllowAnyMethod()
            .AllowAnyHeader()
            // Job, limit and request headers; the wildcard holds because cookies play no part.
            .WithExposedHeaders("*")
            .SetPreflightMaxAge(PreflightAge)));
    }
}
