using System.Globalization;
using System.Text.Json;
using Flotilla.Gateway.Endpoints;
using Flotilla.Gateway.State;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Deferred;

/// <summary>Shows deferred requests to their clients.</summary>
internal sealed class DeferredViews(DeferredTable table, DeferredQueue queue)
{
    private const long MillisecondsPerSecond = 1_000;

    /// <summary>Where a request's state is asked for.</summary>
    public static string StatusUrl(string id) => $"/v1/requests/{id}";

    /// <summary>A request, with what the queue knows of it while it is open.</summary>
    public DeferredView Of(DeferredRow row, DeferredEntry? entry)
    {
        var (position, seconds) = entry is null ? (null, null) : queue.Standing(entry);
        var isRunning = row.Status == DeferredStatus.Open && entry?.Started is not null;
        return new DeferredView
        {
            Id = row.Id,
            RequestId = row.Id,
            Status = row.Status == DeferredStatus.Open ? isRunning ? "in_progress" : "queued" : row.Status.ToString().ToLowerInvariant(),
            Endpoint = row.Path,
            Model = row.Model,
            Priority = row.Priority.ToString().ToLowerInvariant(),
            CreatedAt = row.CreatedMs / MillisecondsPerSecond,
            ExpiresAt = row.ExpiresMs / MillisecondsPerSecond,
            StartedAt = entry?.Started?.ToUnixTimeSeconds(),
            CompletedAt = row.FinishedMs / MillisecondsPerSecond,
            QueuePosition = position,
            EstimatedWaitSeconds = seconds,
            JobId = JobOf(row),
            ResultStatus = row.HttpStatus,
            Error = row.HttpStatus >= StatusCodes.Status400BadRequest ? ErrorOf(row) : null,
            StatusUrl = StatusUrl(row.Id),
            ResultUrl = StatusUrl(row.Id) + "/result",
        };
    }

    /// <summary>Answers with a request.</summary>
    public async Task WriteAsync(HttpContext http, DeferredRow row, DeferredEntry? entry, int status)
    {
        http.Response.StatusCode = status;
        http.Response.Headers["x-request-id"] = row.Id;
        if (row.Status == DeferredStatus.Open)
            http.Response.Headers["openai-poll-after-ms"] = GatewayLimits.PollAfterMilliseconds.ToString(CultureInfo.InvariantCulture);
        await JsonAnswer.WriteAsync(http, Of(row, entry), DeferredJson.Default.DeferredView);
    }

    /// <summary>The job whose answer the request has; null where it has none.</summary>
    public static string? JobOf(DeferredRow row) =>
        row.AnswerHeaders is { } headers && DeferredHeaders.Read(headers).TryGetValue("x-flotilla-job-id", out var job) ? job.ToString() : null;

    /// <summary>What went wrong; null where the answer is no error of ours.</summary>
    public JsonElement? ErrorOf(DeferredRow row)
    {
        using var answer = table.Answer(row.Id);
        if (answer.Length > StateLimits.RowBodyBytesMax)
            return null;
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("error", out var error) ? error.Clone() : null;
        }
        catch (JsonException)
        {
            // An answer of another kind than our envelope; /result has it.
            return null;
        }
    }
}
