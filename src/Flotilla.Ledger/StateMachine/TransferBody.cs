using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What a request asked for, as one hash: tells a repeat from a different request under the same id, and ties
/// the job's row and receipt to its transfer.</summary>
internal static class TransferBody
{
    public static byte[] OfFund(CanonicalBytes bytes, FundRequest request) =>
        bytes.Start().Add(request.Namespace.Value).Add(request.Amount.Micro).Add(request.Reason).Hash();

    public static byte[] OfHold(CanonicalBytes bytes, HoldRequest request) =>
        bytes.Start().Add(request.Job.Value).Add(request.Request.Value).Add(request.Namespace.Value).Add(request.Key.Value)
            .Add(request.Model).Add(request.Endpoint).Add(request.PriceVersion).Add(request.Amount.Micro)
            .Add(Microseconds(request.Timeout)).Hash();

    /// <summary>Of a post, void or expiry; who earns counts only where something is earned.</summary>
    public static byte[] OfResolution(
        CanonicalBytes bytes, JobId job, long charge, AccountId? payee, long nodePay, JobOutcome outcome, byte[]? receipt) =>
        bytes.Start().Add(job.Value).Add(charge).Add(nodePay > 0 ? payee?.Value : null).Add(nodePay)
            .Add((long)outcome.Status).Add(outcome.Finish).Add(outcome.Error).Add(outcome.Node?.Value)
            .Add(outcome.PromptTokens).Add(outcome.CachedTokens).Add(outcome.CompletionTokens).Add(receipt).Hash();

    /// <summary>A span of time as it is hashed and stored.</summary>
    public static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
