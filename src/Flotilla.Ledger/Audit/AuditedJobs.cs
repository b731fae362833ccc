using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What belongs to a hold, read row by row with statements that are prepared once.</summary>
internal sealed class AuditedJobs(Database database) : IDisposable
{
    private readonly Statement _job = database.PrepareOnce(AuditedJob.Query);
    private readonly Statement _receipt = database.PrepareOnce("SELECT body FROM receipt WHERE seq = ?");
    private readonly Statement _nodePay = database.PrepareOnce("""
        SELECT a.id, t.amount FROM transfer t JOIN ledger_account a ON a.seq = t.credit WHERE t.seq = ? AND t.kind = 6
        """);

    public AuditedJob? Find(long holdSeq)
    {
        var job = _job.Bind(1, holdSeq).Step() ? AuditedJob.Read(_job) : null;
        _job.Reset();
        return job;
    }

    /// <summary>The hash of what ended the job's hold, from the job's row, its receipt, and the node's pay, which follows its post.</summary>
    public byte[] ResolutionBody(AuditedJob job, long resolutionSeq, CanonicalBytes bytes)
    {
        AccountId? payee = null;
        long pay = 0;
        if (_nodePay.Bind(1, resolutionSeq + 1).Step())
            (payee, pay) = (new AccountId(_nodePay.Text(0)), _nodePay.Int64(1));
        _nodePay.Reset();
        var receipt = _receipt.Bind(1, job.Seq).Step() ? _receipt.Blob(0) : null;
        _receipt.Reset();
        return job.ResolutionBody(bytes, payee, pay, receipt);
    }

    public void Dispose()
    {
        _job.Dispose();
        _receipt.Dispose();
        _nodePay.Dispose();
    }
}
