using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Idempotency;

/// <summary>The header <c>Idempotency-Key</c>: a name that the client gives to one request, to be able to repeat it.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>What is wrong with the key; null where nothing is.</summary>
    public static ApiError? Fault(string key) => key.Length is 0 or > StateLimits.IdempotencyKeyCharsMax || key.Any(c => c is < '!' or > '~')
        ? new ApiError(ApiErrorCode.InvalidValue, $"{Header} must have 1 to {StateLimits.IdempotencyKeyCharsMax} characters of printable ASCII without spaces, such as a UUID.", Header)
        : null;

    /// <summary>The key is taken by another request.</summary>
    public static ApiError Conflict(string key) => new(
        ApiErrorCode.IdempotencyKeyConflict, $"The {Header} '{key}' came with another body or path within the last {StateLimits.IdempotencyAge.TotalHours} hours. Give each request a key of its own.", Header);

    /// <summary>The request was executed and charged, and its answer is gone.</summary>
    public static ApiError Lost(string job) => new(
        ApiErrorCode.IdempotentAnswerLost, $"The request with this {Header} was executed and charged as {job}, and its answer could not be kept. GET /v1/jobs/{job} tells what it cost; send it anew under another key.", Header);

    /// <summary>The namespace uses more keys than are kept for it.</summary>
    public static ApiError TooMany() => new(
        ApiErrorCode.RateLimited, $"The namespace has used {StateLimits.IdempotencyKeysMax} idempotency keys within {StateLimits.IdempotencyAge.TotalHours} hours, the most that are kept for it. Send the request without one.", Header, 60);
}
