namespace Flotilla.Ledger;

/// <summary>A transfer as it was written: what a repeated request is compared with.</summary>
internal sealed record StoredTransfer(long Seq, string Id, TransferKind Kind, long Debit, long Credit, long Amount, long? HoldSeq, byte[] BodyHash);
