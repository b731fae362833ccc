namespace Flotilla.Ledger;

/// <summary>What became of a movement of money. Closed, and ordered: where several refusals apply, the first one here is answered.</summary>
public enum TransferStatus
{
    /// <summary>Done now, and durable.</summary>
    Created = 0,

    /// <summary>An amount below zero.</summary>
    AmountIsNegative,

    /// <summary>A funding of nothing.</summary>
    AmountIsZero,

    /// <summary>A hold's timeout is not above zero, or beyond <see cref="LedgerLimits.HoldTimeoutMax"/>.</summary>
    TimeoutIsOutOfRange,

    /// <summary>The node would be paid more than the customer is charged.</summary>
    NodePayExceedsCharge,

    /// <summary>The node would be paid, and no operator is named.</summary>
    NodePayHasNoOperator,

    /// <summary>A settlement says that its job still runs or has expired, or counts tokens below zero.</summary>
    OutcomeIsNotFinal,

    /// <summary>The id is taken by a transfer of another kind.</summary>
    ExistsWithDifferentKind,

    /// <summary>The id is taken by the settlement of another hold.</summary>
    ExistsWithDifferentHold,

    /// <summary>The id is taken by a transfer of another namespace.</summary>
    ExistsWithDifferentNamespace,

    /// <summary>The id is taken by the same transfer with another amount.</summary>
    ExistsWithDifferentAmount,

    /// <summary>The id is taken by a transfer that differs in anything else: job, key, model, timeout, operator, outcome, receipt, reason.</summary>
    ExistsWithDifferentContent,

    /// <summary>Done before, exactly so: the repeat changed nothing.</summary>
    Exists,

    /// <summary>There is no such namespace.</summary>
    NamespaceNotFound,

    /// <summary>The job has a hold under another id already.</summary>
    JobHasAnotherHold,

    /// <summary>There is no such hold.</summary>
    HoldNotFound,

    /// <summary>The hold is another job's.</summary>
    HoldBelongsToAnotherJob,

    /// <summary>The hold was charged by another settlement.</summary>
    HoldAlreadyPosted,

    /// <summary>The hold was released by another settlement, or at the restart of a gateway that had stopped.</summary>
    HoldAlreadyVoided,

    /// <summary>The hold's time was over; its money has returned.</summary>
    HoldExpired,

    /// <summary>There is no such operator account.</summary>
    OperatorNotFound,

    /// <summary>The charge is more than was held.</summary>
    ExceedsHold,

    /// <summary>The namespace has less available than the hold asks. More credits, or the end of another hold, can change that.</summary>
    ExceedsCredits,

    /// <summary>A total would leave the range of 64-bit micro-credits.</summary>
    ExceedsRange,

    /// <summary>Too many operations wait for the writer; nothing happened.</summary>
    LedgerIsBusy,

    /// <summary>The disk is full; nothing happened.</summary>
    StorageIsFull,
}
