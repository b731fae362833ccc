using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Limits;

/// <summary>One request's place within the limits of its key and namespace; ends with the request, or with the run that outlives it.</summary>
/// <param name="key">What its key may.</param>
/// <param name="space">What its namespace may.</param>
/// <param name="isCounted">Whether it was let in as one of the requests that run at once; one that is served later was let in before, and only its tokens count now.</param>
internal sealed class Turn(Allowance key, Allowance space, bool isCounted) : IDisposable
{
    private readonly Lock _lock = new();
    private long _taken;
    private long _used;
    private int _holders = 1;

    /// <summary>The turn of a request for work; null where nothing limits it.</summary>
    public static Turn? Of(HttpContext http) => http.Features.Get<Turn>();

    /// <summary>Takes a job's worst case; 429 where that is too much now.</summary>
    public ApiError? Take(long tokens)
    {
        if (key.Take(tokens) is { } keyShort)
            return keyShort.Error;
        if (space.Take(tokens) is { } spaceShort)
        {
            key.Correct(tokens, 0);
            return spaceShort.Error;
        }

        lock (_lock)
            _taken += tokens;
        return null;
    }

    /// <summary>A job used this much of what was taken.</summary>
    public void Used(long tokens)
    {
        lock (_lock)
            _used += tokens;
    }

    /// <summary>One more goes on under it, and disposes of it too.</summary>
    public Turn Share()
    {
        lock (_lock)
            _holders++;
        return this;
    }

    /// <summary>After the last holder, gives the place back, and what was taken and not used.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (--_holders > 0)
                return;
            key.Correct(_taken, _used);
            space.Correct(_taken, _used);
        }

        if (!isCounted)
            return;
        key.Leave();
        space.Leave();
    }
}
