using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Limits;

/// <summary>A limit that is used up.</summary>
/// <param name="Owner">Whose: <c>key</c> or <c>namespace</c>.</param>
/// <param name="Limit">How much it allows.</param>
/// <param name="Of">Of what.</param>
/// <param name="Wait">When to come again.</param>
internal sealed record Shortage(string Owner, long Limit, string Of, TimeSpan Wait)
{
    // A client that overdrew by much is asked to come and see: the SDKs ignore longer waits.
    private const int WaitSecondsMax = 60;

    /// <summary>The 429.</summary>
    public ApiError Error
    {
        get
        {
            var seconds = (int)Math.Clamp(Math.Ceiling(Wait.TotalSeconds), 1, WaitSecondsMax);
            return new ApiError(
                ApiErrorCode.RateLimited,
                $"This {Owner} may have {Limit} {Of}, and that is used up. Try again in {seconds} s; the gateway's operator can raise it (settings limits.*, and 'flotilla keys limit' for one key).",
                RetryAfterSeconds: seconds);
        }
    }
}
