namespace Flotilla.Ledger;

/// <summary>Decides every movement of money from facts alone. Pure: no database, no clock; each method answers in the order of
/// <see cref="TransferStatus"/>.</summary>
internal static class TransferRules
{
    /// <param name="request">What is asked.</param>
    /// <param name="bodyHash">Of the request.</param>
    /// <param name="same">The transfer that has the request's id.</param>
    /// <param name="customer">The namespace's account.</param>
    /// <param name="issued">Everything that was ever funded.</param>
    public static TransferStatus OfFund(FundRequest request, byte[] bodyHash, StoredTransfer? same, LedgerAccount? customer, AccountTotals issued)
    {
        if (request.Amount.Micro < 0)
            return TransferStatus.AmountIsNegative;
        if (request.Amount.Micro == 0)
            return TransferStatus.AmountIsZero;
        if (same is not null)
            return OfRepeat(same, TransferKind.Fund, null, same.Credit == customer?.Seq, request.Amount.Micro, bodyHash);
        if (customer is null)
            return TransferStatus.NamespaceNotFound;
        // No account was ever credited more than was issued in all, so that this one bound keeps every total in range.
        return request.Amount.Micro > long.MaxValue - issued.DebitsPosted ? TransferStatus.ExceedsRange : TransferStatus.Created;
    }

    /// <param name="request">What is asked.</param>
    /// <param name="bodyHash">Of the request.</param>
    /// <param name="same">The transfer that has the request's id.</param>
    /// <param name="customer">The namespace's account.</param>
    /// <param name="jobExists">Whether the job has a hold already.</param>
    public static TransferStatus OfHold(HoldRequest request, byte[] bodyHash, StoredTransfer? same, LedgerAccount? customer, bool jobExists)
    {
        if (request.Amount.Micro < 0)
            return TransferStatus.AmountIsNegative;
        if (request.Timeout <= TimeSpan.Zero || request.Timeout > LedgerLimits.HoldTimeoutMax)
            return TransferStatus.TimeoutIsOutOfRange;
        if (same is not null)
            return OfRepeat(same, TransferKind.Hold, null, same.Debit == customer?.Seq, request.Amount.Micro, bodyHash);
        if (customer is null)
            return TransferStatus.NamespaceNotFound;
        if (jobExists)
            return TransferStatus.JobHasAnotherHold;
        return request.Amount.Micro > customer.Totals.Available ? TransferStatus.ExceedsCredits : TransferStatus.Created;
    }

    /// <param name="request">What is asked.</param>
    /// <param name="bodyHash">Of the request.</param>
    /// <param name="same">The transfer that has the request's id.</param>
    /// <param name="hold">The hold that the request names.</param>
    /// <param name="operatorExists">Whether the operator has an account; true when none is named.</param>
    public static TransferStatus OfSettlement(SettleRequest request, byte[] bodyHash, StoredTransfer? same, HoldFacts? hold, bool operatorExists)
    {
        if (OfSettlementShape(request) is var shape and not TransferStatus.Created)
            return shape;
        if (same is not null)
        {
            // A void carries the amount that returned; what the caller asked for was a charge of nothing, and the kind says so.
            var amount = request.Charge.Micro > 0 ? request.Charge.Micro : same.Amount;
            return OfRepeat(same, KindOf(request), hold?.Seq ?? 0, sameNamespace: true, amount, bodyHash);
        }

        if (hold is not { } known)
            return TransferStatus.HoldNotFound;
        if (known.Job != request.Job)
            return TransferStatus.HoldBelongsToAnotherJob;
        switch (known.Resolution)
        {
            case TransferKind.Post:
                return TransferStatus.HoldAlreadyPosted;
            case TransferKind.Void:
                return TransferStatus.HoldAlreadyVoided;
            case TransferKind.Expire:
                return TransferStatus.HoldExpired;
        }

        if (!operatorExists)
            return TransferStatus.OperatorNotFound;
        return request.Charge.Micro > known.Amount ? TransferStatus.ExceedsHold : TransferStatus.Created;
    }

    /// <summary>A charge ends the hold by a post, no charge by a void.</summary>
    public static TransferKind KindOf(SettleRequest request) => request.Charge.Micro > 0 ? TransferKind.Post : TransferKind.Void;

    private static TransferStatus OfSettlementShape(SettleRequest request)
    {
        var outcome = request.Outcome;
        if (request.Charge.Micro < 0 || request.NodePay.Micro < 0)
            return TransferStatus.AmountIsNegative;
        if (request.NodePay > request.Charge)
            return TransferStatus.NodePayExceedsCharge;
        if (request.NodePay.Micro > 0 && request.Operator is null)
            return TransferStatus.NodePayHasNoOperator;
        return outcome.Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled
            && int.IsPositive(outcome.PromptTokens) && int.IsPositive(outcome.CachedTokens) && int.IsPositive(outcome.CompletionTokens)
            ? TransferStatus.Created
            : TransferStatus.OutcomeIsNotFinal;
    }

    private static TransferStatus OfRepeat(StoredTransfer same, TransferKind kind, long? holdSeq, bool sameNamespace, long amount, byte[] bodyHash)
    {
        if (same.Kind != kind)
            return TransferStatus.ExistsWithDifferentKind;
        if (same.HoldSeq != holdSeq)
            return TransferStatus.ExistsWithDifferentHold;
        if (!sameNamespace)
            return TransferStatus.ExistsWithDifferentNamespace;
        if (same.Amount != amount)
            return TransferStatus.ExistsWithDifferentAmount;
        return same.BodyHash.AsSpan().SequenceEqual(bodyHash) ? TransferStatus.Exists : TransferStatus.ExistsWithDifferentContent;
    }
}
