namespace Flotilla.Ledger;

/// <summary>Credits enter the ledger.</summary>
internal static class CreateFund
{
    public static TransferStatus Execute(WriterState state, FundRequest request)
    {
        var body = TransferBody.OfFund(state.Bytes, request);
        var customer = state.Accounts.Find(request.Namespace.Value, AccountRole.Customer);
        var issued = state.Accounts.Issued;
        var status = TransferRules.OfFund(request, body, state.Transfers.Find(request.Id.Value), customer, issued.Totals);
        if (status == TransferStatus.Created)
            state.Append(new(request.Id.Value, TransferKind.Fund, issued, customer!, request.Amount.Micro, null, request.Reason, body), held: 0);
        return status;
    }
}
