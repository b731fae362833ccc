using System.Text.Json;

namespace Flotilla.Gateway.Batches;

/// <summary>A batch as OpenAI's clients read it; times in seconds since 1970.</summary>
internal sealed record BatchView
{
    private const long MillisecondsPerSecond = 1_000;

    public required string Id { get; init; }

    public string Object { get; } = "batch";

    public required string Endpoint { get; init; }

    public required string? Model { get; init; }

    public required BatchFaults? Errors { get; init; }

    public required string InputFileId { get; init; }

    public string CompletionWindow { get; } = "24h";

    public required string Status { get; init; }

    public required string? OutputFileId { get; init; }

    public required string? ErrorFileId { get; init; }

    public required long CreatedAt { get; init; }

    public required long? InProgressAt { get; init; }

    public required long ExpiresAt { get; init; }

    public required long? FinalizingAt { get; init; }

    public required long? CompletedAt { get; init; }

    public required long? FailedAt { get; init; }

    public required long? ExpiredAt { get; init; }

    public required long? CancellingAt { get; init; }

    public required long? CancelledAt { get; init; }

    public required BatchCounts RequestCounts { get; init; }

    public required BatchUsageView Usage { get; init; }

    public required JsonElement? Metadata { get; init; }

    public static BatchView Of(BatchRow row)
    {
        var isOver = row.Status >= BatchStatus.Completed;
        long? At(BatchStatus status) => row.Status == status ? row.EndedMs / MillisecondsPerSecond : null;
        return new BatchView
        {
            Id = row.Id,
            Endpoint = row.Endpoint,
            Model = row.Model,
            Errors = row.Errors is null ? null : new BatchFaults(JsonSerializer.Deserialize(row.Errors, BatchJson.Default.ListBatchFault)!),
            InputFileId = row.InputFileId,
            Status = JsonNamingPolicy.SnakeCaseLower.ConvertName(row.Status.ToString()),
            OutputFileId = isOver && row.Completed > 0 ? row.OutputFileId : null,
            ErrorFileId = isOver && row.Failed > 0 ? row.ErrorFileId : null,
            CreatedAt = row.CreatedMs / MillisecondsPerSecond,
            InProgressAt = row.InProgressMs / MillisecondsPerSecond,
            ExpiresAt = row.ExpiresMs / MillisecondsPerSecond,
            FinalizingAt = row.FinalizingMs / MillisecondsPerSecond,
            CompletedAt = At(BatchStatus.Completed),
            FailedAt = At(BatchStatus.Failed),
            ExpiredAt = At(BatchStatus.Expired),
            CancellingAt = row.CancellingMs / MillisecondsPerSecond,
            CancelledAt = At(BatchStatus.Cancelled),
            RequestCounts = new BatchCounts(row.Total, row.Completed, row.Failed),
            Usage = new BatchUsageView(
                row.InputTokens, new BatchCached(row.CachedTokens), row.OutputTokens, new BatchReasoning(row.ReasoningTokens), row.InputTokens + row.OutputTokens),
            Metadata = row.Metadata is null ? null : JsonDocument.Parse(row.Metadata).RootElement,
        };
    }
}
