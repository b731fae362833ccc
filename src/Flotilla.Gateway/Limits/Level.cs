using System.Globalization;

namespace Flotilla.Gateway.Limits;

/// <summary>How one limit stands, as the <c>x-ratelimit-*</c> headers tell it.</summary>
/// <param name="Limit">How much a minute allows; 0: no limit.</param>
/// <param name="Remaining">What is left now.</param>
/// <param name="Reset">Time until all of it is back.</param>
internal readonly record struct Level(long Limit, long Remaining, TimeSpan Reset)
{
    /// <summary>The one of two that is closer to its end; one without a limit never is.</summary>
    public static Level Tighter(Level a, Level b)
    {
        if (a.Limit == 0 || b.Limit == 0)
            return a.Limit == 0 ? b : a;
        return a.Remaining <= b.Remaining ? a : b;
    }

    /// <summary>A duration in OpenAI's form: <c>20ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(time.TotalMilliseconds)}ms");
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds % 60:0.###}s");
        return time < TimeSpan.FromMinutes(1) ? seconds : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMinutes}m{seconds}");
    }
}
