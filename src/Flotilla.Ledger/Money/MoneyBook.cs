using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Moves money. Every answer is durable when it arrives; a refusal leaves no trace, so that the same id may be tried again.</summary>
public sealed class MoneyBook
{
    private readonly LedgerWriter _writer;
    private readonly LedgerAccounts _accounts;

    internal MoneyBook(LedgerWriter writer, LedgerAccounts accounts)
    {
        _writer = writer;
        _accounts = accounts;
    }

    /// <summary>All money by where it is, as of the last durable batch. Between two batches the parts may be of neighbouring moments.</summary>
    public MoneyTotals Totals
    {
        get
        {
            long owned = 0, held = 0, earned = 0;
            foreach (var account in _accounts.All)
            {
                var totals = account.Durable;
                owned += account.Role == AccountRole.Customer ? totals.CreditsPosted - totals.DebitsPosted : 0;
                held += account.Role == AccountRole.Customer ? totals.DebitsPending : 0;
                earned += account.Role == AccountRole.Operator ? totals.CreditsPosted - totals.DebitsPosted : 0;
            }

            return new(new(_accounts.Issued.Durable.DebitsPosted), new(owned), new(held), new(earned), new(_accounts.Fees.Durable.CreditsPosted));
        }
    }

    /// <summary>Gives credits to a namespace. Idempotent by <see cref="FundRequest.Id"/>.</summary>
    /// <exception cref="ArgumentException">An id is missing or a text is too long.</exception>
    /// <exception cref="LedgerFaultedException">The disk failed; whether it happened is known after the next open.</exception>
    public async ValueTask<TransferStatus> FundAsync(FundRequest request, CancellationToken ct)
    {
        Ids.Check(request.Id.Value, request.Namespace.Value);
        Texts.Check(request.Reason, LedgerLimits.NoteCharsMax);
        try
        {
            return await _writer.RunAsync(state => CreateFund.Execute(state, request), committed: null, ct);
        }
        catch (LedgerFullException)
        {
            return TransferStatus.StorageIsFull;
        }
    }

    /// <summary>Reserves money and writes the job's row, in one transaction. Idempotent by <see cref="HoldRequest.Id"/>.</summary>
    /// <exception cref="ArgumentException">An id is missing or a text is too long.</exception>
    /// <exception cref="LedgerFaultedException">The disk failed; whether it happened is known after the next open.</exception>
    public async ValueTask<HoldResult> HoldAsync(HoldRequest request, CancellationToken ct)
    {
        Ids.Check(request.Id.Value, request.Job.Value, request.Request.Value, request.Namespace.Value, request.Key.Value);
        Texts.Check(request.Model, LedgerLimits.ModelCharsMax);
        Texts.Check(request.Endpoint, LedgerLimits.IdCharsMax);
        ct.ThrowIfCancellationRequested();
        try
        {
            return _writer.TryRunAsync(state => CreateHold.Execute(state, request)) is { } queued
                ? await queued
                : new HoldResult(TransferStatus.LedgerIsBusy, BalanceOf(request.Namespace).Available);
        }
        catch (LedgerFullException)
        {
            return new HoldResult(TransferStatus.StorageIsFull, BalanceOf(request.Namespace).Available);
        }
    }

    /// <summary>Ends a hold: the charge, the node's pay, the fee, the job's row, the usage and the receipt, in one transaction.
    /// Idempotent by <see cref="SettleRequest.Id"/>: after an unknown outcome, ask again with the same id and content.</summary>
    /// <exception cref="ArgumentException">An id is missing, or the receipt is too long.</exception>
    /// <exception cref="LedgerFaultedException">The disk failed; whether it happened is known after the next open.</exception>
    public async ValueTask<SettleResult> SettleAsync(SettleRequest request, CancellationToken ct)
    {
        var outcome = request.Outcome;
        Ids.Check(request.Id.Value, request.Hold.Value, request.Job.Value);
        if (request.Receipt?.Length > LedgerLimits.ReceiptBytesMax)
        {
            throw new ArgumentException(
                $"The receipt has {request.Receipt.Length} bytes; at most {LedgerLimits.ReceiptBytesMax} are stored.", nameof(request));
        }

        // Money must not fail on the length of a text that may come from a node.
        request = request with
        {
            Outcome = outcome with
            {
                Finish = Texts.Cut(outcome.Finish, LedgerLimits.IdCharsMax), Error = Texts.Cut(outcome.Error, LedgerLimits.NoteCharsMax),
            },
        };
        try
        {
            return await _writer.RunAsync(state => ResolveHold.Settle(state, request), committed: null, ct);
        }
        catch (LedgerFullException)
        {
            return new SettleResult(TransferStatus.StorageIsFull, Credits.Zero, Credits.Zero);
        }
    }

    /// <summary>A namespace's money as of the last durable batch; nothing for a namespace that does not exist. Reads memory.</summary>
    public Balance BalanceOf(NamespaceId id) => _accounts.Find(id.Value, AccountRole.Customer) is { } account ? BalanceOf(account) : default;

    /// <summary>Everything that a namespace was ever given; what is not in its balance it has spent. Reads memory.</summary>
    public Credits FundedTo(NamespaceId id) => new(_accounts.Find(id.Value, AccountRole.Customer)?.Durable.CreditsPosted ?? 0);

    /// <summary>What an account has earned with its nodes; nothing for an account that does not exist. Reads memory.</summary>
    public Credits EarnedBy(AccountId id) => new(_accounts.Find(id.Value, AccountRole.Operator)?.Durable.CreditsPosted ?? 0);

    /// <summary>The balances of all namespaces, by id.</summary>
    public IReadOnlyList<NamespaceBalance> ListBalances() =>
        [.. _accounts.All.Where(account => account.Role == AccountRole.Customer)
            .OrderBy(account => account.Id, StringComparer.Ordinal)
            .Select(account => new NamespaceBalance(new(account.Id), BalanceOf(account)))];

    private static Balance BalanceOf(LedgerAccount account)
    {
        var totals = account.Durable;
        return new Balance(new(totals.CreditsPosted - totals.DebitsPosted), new(totals.DebitsPending));
    }
}
