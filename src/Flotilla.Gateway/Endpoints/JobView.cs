using Flotilla.Core;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Endpoints;

/// <summary>A job as <c>GET /v1/jobs/{id}</c> shows it; credits in decimal, times in ISO 8601.</summary>
internal sealed record JobView
{
    public required string Id { get; init; }

    public string Object { get; } = "job";

    public required string RequestId { get; init; }

    public required string Status { get; init; }

    public required string Model { get; init; }

    public required string Endpoint { get; init; }

    public required string? Node { get; init; }

    public required JobViewUsage Usage { get; init; }

    public required string CreditsHeld { get; init; }

    public required string CreditsCharged { get; init; }

    public required string? FinishReason { get; init; }

    public required string? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    public required string? ReceiptUrl { get; init; }

    public static JobView Of(JobRecord job) => new()
    {
        Id = job.Job.Value,
        RequestId = job.Request.Value,
        Status = job.Status.ToString().ToLowerInvariant(),
        Model = job.Model,
        Endpoint = job.Endpoint,
        Node = job.Node?.Value,
        Usage = new JobViewUsage(job.PromptTokens, job.CompletionTokens, job.PromptTokens + job.CompletionTokens, job.CachedTokens),
        CreditsHeld = job.Status == JobStatus.Running ? job.HoldAmount.ToString() : Credits.Zero.ToString(),
        CreditsCharged = job.Charge.ToString(),
        FinishReason = job.Finish,
        Error = job.Error,
        CreatedAt = job.Created,
        CompletedAt = job.Finished,
        ReceiptUrl = job.HasReceipt ? $"/v1/receipts/{job.Job}" : null,
    };
}
