namespace Flotilla.Ledger;

/// <summary>A whole row of the transfers.</summary>
internal sealed record AuditedTransfer(long Seq, string Id, TransferKind Kind, long Debit, long Credit, long Amount, long? HoldSeq, string? Note,
    long CreatedMicroseconds, byte[] BodyHash, byte[] ChainHash)
{
    public const string Query =
        "SELECT seq, id, kind, debit, credit, amount, hold_seq, note, created_us, body_hash, chain_hash FROM transfer ORDER BY seq";

    public static AuditedTransfer Read(Statement row) => new(row.Int64(0), row.Text(1), (TransferKind)row.Int64(2), row.Int64(3), row.Int64(4),
        row.Int64(5), row.NullableInt64(6), row.NullableText(7), row.Int64(8), row.Blob(9), row.Blob(10));
}
