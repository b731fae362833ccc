using System.Text;
using Flotilla.Core;
using Flotilla.Gateway.Telemetry;
using Flotilla.Gateway.Webhooks;
using Flotilla.Ledger;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Stages;

/// <summary>Charges what was delivered, releases the rest, pays the node and writes the receipt: one transaction, durable when it returns.</summary>
internal sealed class Settle(LedgerStore ledger, LedgerTail webhooks, SigningKey key, IIdSource ids, TimeProvider time, ILogger<Settle> log)
{
    private readonly string _publicKey = Base58.Encode(key.PublicKey);

    /// <summary>Resolves the hold. Never cancelled: by now the work is done.</summary>
    /// <exception cref="LedgerFaultedException">The ledger stopped; the next start returns the hold.</exception>
    public async Task<Settled> ResolveAsync(HeldJob job, Delivery delivery)
    {
        if (delivery.IsDone)
            delivery.Meter.Flushed();
        var usage = Charged(job, delivery);
        // The hold covers the worst case, so the smaller of the two is the cost unless a price rule is wrong; then the customer is right.
        var charge = Credits.Min(job.Price.Cost(usage.PromptTokens, usage.CachedTokens, usage.CompletionTokens), job.Hold.Amount);
        // Work that no node signed for is charged, as far as it was delivered, and pays nobody.
        var pay = delivery.Work is null ? Credits.Zero : job.Price.NodePayOf(charge);
        var receipt = Receipt(job, delivery, usage, charge, pay).Sign(key, delivery.Salt);
        var settlement = new SettleRequest
        {
            Id = TransferId.New(ids),
            Hold = job.Hold.Id,
            Job = job.Id,
            Charge = charge,
            Operator = pay > Credits.Zero ? delivery.Node!.Operator : null,
            NodePay = pay,
            Outcome = Outcome(delivery, usage),
            Receipt = Encoding.UTF8.GetBytes(receipt.ToJson()),
        };
        await CommitAsync(settlement, job.Hold.Timeout);
        webhooks.Moved(job.Hold.Namespace);
        return new Settled(usage, charge, receipt.GatewaySignature);
    }

    /// <summary>A full disk is no reason to give work away: the same settlement is tried until the hold is over.</summary>
    private async Task CommitAsync(SettleRequest settlement, TimeSpan holdTimeout)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var result = await ledger.Money.SettleAsync(settlement, CancellationToken.None);
            if (result.Status.IsDone())
                return;
            log.SettlementRefused(settlement.Job.Value, result.Status.ToString());
            if (!result.Status.IsTransient() || time.GetElapsedTime(started) > holdTimeout)
                throw new InvalidOperationException($"The settlement of {settlement.Job} was refused: {result.Status}.");
            await Task.Delay(GatewayLimits.SettlementRetryTime, time, CancellationToken.None);
        }
    }

    /// <summary>min(what we flushed, what the node states), within what the hold covers. Nothing delivered, nothing charged.</summary>
    private static Usage Charged(HeldJob job, Delivery delivery)
    {
        var meter = delivery.Meter;
        var completed = delivery.IsDone;
        if (!completed && meter is { Tokens: 0, Bytes: 0 })
            return new Usage();
        var stated = delivery.Work?.Statement;
        var prompt = Math.Min(stated?.PromptTokens ?? meter.PromptTokens, job.InputUnitsMax);
        var seen = Seen(delivery, completed);
        var completion = Math.Min(Math.Min(seen, stated?.CompletionTokens ?? seen), job.OutputUnitsMax);
        return new Usage
        {
            PromptTokens = (uint)prompt,
            CachedTokens = (uint)Math.Min(stated?.CachedTokens ?? 0, prompt),
            CompletionTokens = (uint)completion,
            ReasoningTokens = (uint)Math.Min(delivery.ReasoningTokens, completion),
        };
    }

    private static long Seen(Delivery delivery, bool completed)
    {
        var meter = delivery.Meter;
        // Whatever a node counts, a token of visible text has at least a byte of what we flushed; a few more mark tool calls,
        // stop texts and ends, and are not seen.
        var possible = meter.Bytes + ((long)GatewayLimits.UnseenTokensMax * delivery.Choices);
        // An upstream does not show its tokens and may send several in one piece: of a complete answer its signed count holds.
        return completed && !meter.TokensKnown ? possible : Math.Min(meter.Tokens, possible);
    }

    private Receipt Receipt(HeldJob job, Delivery delivery, Usage usage, Credits charge, Credits pay) => new()
    {
        JobId = job.Id.Value,
        RequestId = job.Hold.Request.Value,
        HoldTx = job.Hold.Id.Value,
        GatewayPublicKey = _publicKey,
        NamespaceCommit = Commitments.Of(delivery.Salt, Encoding.UTF8.GetBytes(job.Hold.Namespace.Value)),
        Model = job.Model.Name,
        Node = delivery.Work is { } work ? NodeProof.Of(work.Statement, work.PublicKey.Span, work.Signature.Span) : null,
        Price = new ReceiptPrice
        {
            InputPerMillion = job.Price.InputPerMillion.Micro,
            CachedInputPerMillion = job.Price.CachedInputPerMillion.Micro,
            OutputPerMillion = job.Price.OutputPerMillion.Micro,
            NodeShareBasisPoints = job.Price.NodeShareBasisPoints,
        },
        PromptTokens = usage.PromptTokens,
        CachedTokens = usage.CachedTokens,
        CompletionTokens = usage.CompletionTokens,
        ChargeMicro = charge.Micro,
        NodePayMicro = pay.Micro,
        FeeMicro = (charge - pay).Micro,
        Status = delivery.End switch
        {
            DeliveryEnd.Completed => ReceiptStatus.Completed,
            DeliveryEnd.Cancelled => ReceiptStatus.Cancelled,
            _ => ReceiptStatus.Failed,
        },
        AcceptedUnixMs = job.AcceptedUnixMs,
        // The wall clock may step back while a job runs; a receipt never does.
        SettledUnixMs = Math.Max(job.AcceptedUnixMs, time.GetUtcNow().ToUnixTimeMilliseconds()),
    };

    private static JobOutcome Outcome(Delivery delivery, Usage usage) => new()
    {
        Status = delivery.End switch
        {
            DeliveryEnd.Completed => JobStatus.Completed,
            DeliveryEnd.Cancelled => JobStatus.Cancelled,
            _ => JobStatus.Failed,
        },
        Finish = delivery.End == DeliveryEnd.Completed ? FinishName(delivery.Meter.Finish) : null,
        PromptTokens = (int)usage.PromptTokens,
        CachedTokens = (int)usage.CachedTokens,
        CompletionTokens = (int)usage.CompletionTokens,
        Node = delivery.Node?.Id,
        Error = delivery.End == DeliveryEnd.Failed ? delivery.Error.Message : null,
    };

    private static string? FinishName(ChoiceDone.Types.Finish finish) => finish switch
    {
        // Only text has one.
        ChoiceDone.Types.Finish.Unspecified => null,
        ChoiceDone.Types.Finish.Length => "length",
        ChoiceDone.Types.Finish.ToolCalls => "tool_calls",
        ChoiceDone.Types.Finish.ContentFilter => "content_filter",
        _ => "stop",
    };
}
