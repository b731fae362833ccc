using System.Globalization;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>What an internal call was answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Response headers.</param>
/// <param name="Body">The whole body.</param>
/// <param name="IsWhole">False where the answer broke off: a client at a socket would have lost its connection.</param>
/// <param name="Error">The error that it says; null where it says none, or a node worded it.</param>
internal sealed record CallAnswer(int Status, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body, bool IsWhole, ApiError? Error)
{
    /// <summary>Whether the same call may succeed later, as soon as the fleet, a limit or what running requests hold allows it.</summary>
    public bool IsRefusal => Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests || Error?.Code == ApiErrorCode.InFlightBudgetExhausted;

    /// <summary>Of a refusal, whether its reason is what the caller itself may or has, and not the fleet.</summary>
    public bool IsOwnLimit => IsRefusal && Status != StatusCodes.Status503ServiceUnavailable;

    /// <summary>Of a refusal, when to come again; zero where it does not say.</summary>
    public TimeSpan RetryAfter => int.TryParse(Headers.RetryAfter.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    /// <summary>Whether nodes serve the model, and the caller's own wishes allow none of them.</summary>
    public bool IsForbiddenByWishes => Error?.Availability?.Constraint is AvailabilityConstraint.Region or AvailabilityConstraint.Provider or AvailabilityConstraint.Price;
}
