using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The <c>?region=</c> of the lists of models.</summary>
internal static class RegionQuery
{
    private const string Name = "region";

    /// <summary>Null, or what is wrong; without the parameter the region is null.</summary>
    public static ApiError? Read(HttpContext http, out string? region)
    {
        region = null;
        var given = http.Request.Query[Name];
        return given.Count == 0 || Regions.TryParse(given.ToString(), out region)
            ? null
            : new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{Name}': expected one of {string.Join(", ", Regions.All)}.", Name);
    }
}
