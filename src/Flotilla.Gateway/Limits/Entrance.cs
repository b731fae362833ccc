using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Limits;

/// <summary>Where a request for work meets the limits of its key and namespace: once, before it makes anything run. What reads along with a run that is there already never meets them.</summary>
/// <param name="key">What its key may.</param>
/// <param name="space">What its namespace may.</param>
internal sealed class Entrance(Allowance key, Allowance space)
{
    /// <summary>Lets the request in, unless it is in or nothing limits it; its <see cref="Turn"/> ends with the request.</summary>
    /// <returns>The 429; null where it is in.</returns>
    public static ApiError? Pass(HttpContext http)
    {
        if (http.Features.Get<Entrance>() is not { } entrance || Turn.Of(http) is not null)
            return null;
        if (entrance.Enter().Failed(out var refusal, out var turn))
            return refusal;
        http.Features.Set(turn);
        return null;
    }

    private Result<Turn> Enter()
    {
        if (key.Enter() is { } keyShort)
            return keyShort.Error;
        if (space.Enter() is not { } spaceShort)
            return new Turn(key, space, isCounted: true);
        key.Leave(uncounted: true);
        return spaceShort.Error;
    }
}
