namespace Flotilla.Ledger;

/// <summary>A transfer that is about to be written.</summary>
internal readonly record struct TransferDraft(
    string Id, TransferKind Kind, LedgerAccount Debit, LedgerAccount Credit, long Amount, long? HoldSeq, string? Note, byte[] BodyHash);
