namespace Flotilla.Gateway.Limits;

/// <summary>What an operator has set for one key; null where the gateway's setting holds, 0 for no limit.</summary>
/// <param name="RequestsPerMinute">See <see cref="RateLimits.RequestsPerMinute"/>.</param>
/// <param name="TokensPerMinute">See <see cref="RateLimits.TokensPerMinute"/>.</param>
/// <param name="Concurrency">See <see cref="RateLimits.Concurrency"/>.</param>
internal sealed record KeyLimits(long? RequestsPerMinute, long? TokensPerMinute, long? Concurrency)
{
    /// <summary>Nothing set.</summary>
    public static KeyLimits None { get; } = new(null, null, null);

    /// <summary>The limits that hold: these, and where there is none, the gateway's.</summary>
    public RateLimits Over(RateLimits otherwise) => new(
        RequestsPerMinute ?? otherwise.RequestsPerMinute, TokensPerMinute ?? otherwise.TokensPerMinute, Concurrency ?? otherwise.Concurrency);
}
