namespace Flotilla.Ledger;

/// <summary>Moments as they are stored: microseconds since 1970, UTC.</summary>
internal static class Timestamps
{
    public static long Of(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset From(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? From(long? microseconds) => microseconds is { } some ? From(some) : null;
}
