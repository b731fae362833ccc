using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Reserves money for a job and writes the job's row.</summary>
internal static class CreateHold
{
    public static HoldResult Execute(WriterState state, HoldRequest request)
    {
        var body = TransferBody.OfHold(state.Bytes, request);
        var customer = state.Accounts.Find(request.Namespace.Value, AccountRole.Customer);
        var status = TransferRules.OfHold(request, body, state.Transfers.Find(request.Id.Value), customer, state.Jobs.Exists(request.Job));
        if (status == TransferStatus.Created)
        {
            var draft = new TransferDraft(
                request.Id.Value, TransferKind.Hold, customer!, state.Accounts.Clearing, request.Amount.Micro, null, null, body);
            var seq = state.Append(draft, held: 0);
            state.Jobs.Start(seq, request, state.Epoch);
            state.Holds.Add(new OpenHold(seq, request.Id, request.Job, customer!, request.Namespace, request.Key, request.Model,
                request.Amount.Micro, state.TicksAfter(request.Timeout)));
        }

        return new HoldResult(status, new Credits(customer?.Totals.Available ?? 0));
    }
}
