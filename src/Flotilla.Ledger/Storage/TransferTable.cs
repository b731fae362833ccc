namespace Flotilla.Ledger;

/// <summary>The immutable transfers and the end of their hash chain.</summary>
internal sealed class TransferTable
{
    private readonly CanonicalBytes _bytes;
    private readonly Statement _insert;
    private readonly Statement _find;
    private readonly Statement _resolution;
    private readonly Statement _head;
    private (long Seq, byte[] Hash) _durableHead;
    private long _durableStamp;

    public TransferTable(Database database, CanonicalBytes bytes)
    {
        const string Columns = "seq, id, kind, debit, credit, amount, hold_seq, body_hash";
        _bytes = bytes;
        _insert = database.Prepare("""
            INSERT INTO transfer (seq, id, kind, debit, credit, amount, hold_seq, note, created_us, body_hash, chain_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _find = database.Prepare($"SELECT {Columns} FROM transfer WHERE id = ?");
        _resolution = database.Prepare($"SELECT {Columns} FROM transfer WHERE hold_seq = ? AND kind IN (3, 4, 5)");
        _head = database.Prepare("UPDATE meta SET value = CASE name WHEN 'head_seq' THEN ?1 ELSE ?2 END WHERE name IN ('head_seq', 'head_hash')");
        _durableHead = Head = ReadHead(database);
        _durableStamp = LastStamp = database.Scalar(
            "SELECT coalesce(max(created_us), 0) FROM (SELECT created_us FROM transfer ORDER BY seq DESC LIMIT 1)");
    }

    /// <summary>The last transfer: its place and its chain hash.</summary>
    public (long Seq, byte[] Hash) Head { get; private set; }

    /// <summary>When the last transfer was made.</summary>
    public long LastStamp { get; private set; }

    public static (long Seq, byte[] Hash) ReadHead(Database database)
    {
        using var head = database.PrepareOnce("SELECT s.value, h.value FROM meta s, meta h WHERE s.name = 'head_seq' AND h.name = 'head_hash'");
        head.Step();
        return (head.Int64(0), head.Blob(1));
    }

    public StoredTransfer? Find(string id) => Read(_find.Bind(1, id));

    /// <summary>What ended a hold.</summary>
    public StoredTransfer? ResolutionOf(long holdSeq) => Read(_resolution.Bind(1, holdSeq));

    /// <summary>Writes one more transfer.</summary>
    /// <returns>Its place.</returns>
    public long Append(TransferDraft draft, long nowMicroseconds)
    {
        var seq = Head.Seq + 1;
        // Strictly rising, whatever the wall clock does.
        var stamp = Math.Max(LastStamp + 1, nowMicroseconds);
        var hash = ChainHash(_bytes, Head.Hash, seq, draft, stamp);
        _insert.Bind(1, seq).Bind(2, draft.Id).Bind(3, (long)draft.Kind).Bind(4, draft.Debit.Seq).Bind(5, draft.Credit.Seq)
            .Bind(6, draft.Amount).Bind(7, draft.HoldSeq).Bind(8, draft.Note).Bind(9, stamp).Bind(10, draft.BodyHash).Bind(11, hash).Run();
        Head = (seq, hash);
        LastStamp = stamp;
        return seq;
    }

    /// <summary>The hash of a row and of all rows before it.</summary>
    public static byte[] ChainHash(CanonicalBytes bytes, byte[] previous, long seq, TransferDraft draft, long stamp) =>
        bytes.Start().Add(previous).Add(seq).Add(draft.Id).Add((long)draft.Kind).Add(draft.Debit.Id).Add(draft.Credit.Id)
            .Add(draft.Amount).Add(draft.HoldSeq ?? 0).Add(draft.Note).Add(stamp).Add(draft.BodyHash).Hash();

    public void Flush()
    {
        if (Head.Seq != _durableHead.Seq)
            _head.Bind(1, Head.Seq).Bind(2, Head.Hash).Run();
    }

    public void Commit()
    {
        _durableHead = Head;
        _durableStamp = LastStamp;
    }

    public void Rollback()
    {
        Head = _durableHead;
        LastStamp = _durableStamp;
    }

    private static StoredTransfer? Read(Statement row)
    {
        if (!row.Step())
            return null;
        var transfer = new StoredTransfer(row.Int64(0), row.Text(1), (TransferKind)row.Int64(2), row.Int64(3), row.Int64(4),
            row.Int64(5), row.NullableInt64(6), row.Blob(7));
        row.Reset();
        return transfer;
    }
}
