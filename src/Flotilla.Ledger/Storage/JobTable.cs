using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>Jobs, their receipts, and the usage that they add up to.</summary>
internal sealed class JobTable
{
    public const long MicrosecondsPerHour = 3_600_000_000;
    private readonly Statement _exists;
    private readonly Statement _insert;
    private readonly Statement _jobOf;
    private readonly Statement _finish;
    private readonly Statement _receipt;
    private readonly Statement _usage;
    private readonly Dictionary<UsageKey, UsageSums> _batchUsage = [];

    public JobTable(Database database)
    {
        _exists = database.Prepare("SELECT 1 FROM job WHERE id = ?");
        _insert = database.Prepare("""
            INSERT INTO job (seq, id, request_id, namespace_id, key_id, model, endpoint, price_version, timeout_us, epoch, status)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
            """);
        _jobOf = database.Prepare("SELECT id FROM job WHERE seq = ?");
        _finish = database.Prepare("""
            UPDATE job SET status = ?, charge = ?, node_id = ?, finish = ?, error = ?,
                prompt_tokens = ?, cached_tokens = ?, completion_tokens = ?, finished_us = ? WHERE seq = ?
            """);
        _receipt = database.Prepare("INSERT INTO receipt (seq, body) VALUES (?, ?)");
        _usage = database.Prepare("""
            INSERT INTO usage (namespace_id, hour, key_id, model, jobs, prompt_tokens, cached_tokens, completion_tokens, charge)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (namespace_id, hour, key_id, model) DO UPDATE SET jobs = jobs + excluded.jobs,
                prompt_tokens = prompt_tokens + excluded.prompt_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
                completion_tokens = completion_tokens + excluded.completion_tokens, charge = charge + excluded.charge
            """);
    }

    public bool Exists(JobId job)
    {
        var found = _exists.Bind(1, job.Value).Step();
        _exists.Reset();
        return found;
    }

    /// <summary>The job of a hold.</summary>
    public JobId JobOf(long holdSeq)
    {
        if (!_jobOf.Bind(1, holdSeq).Step())
            throw new InvalidOperationException($"Hold {holdSeq} has no job: the ledger is damaged.");
        var job = new JobId(_jobOf.Text(0));
        _jobOf.Reset();
        return job;
    }

    public void Start(long holdSeq, HoldRequest request, long epoch) =>
        _insert.Bind(1, holdSeq).Bind(2, request.Job.Value).Bind(3, request.Request.Value).Bind(4, request.Namespace.Value)
            .Bind(5, request.Key.Value).Bind(6, request.Model).Bind(7, request.Endpoint).Bind(8, request.PriceVersion)
            .Bind(9, TransferBody.Microseconds(request.Timeout)).Bind(10, epoch).Run();

    public void Finish(OpenHold hold, long charge, JobOutcome outcome, byte[]? receipt, long stamp)
    {
        _finish.Bind(1, (long)outcome.Status).Bind(2, charge).Bind(3, outcome.Node?.Value).Bind(4, outcome.Finish).Bind(5, outcome.Error)
            .Bind(6, outcome.PromptTokens).Bind(7, outcome.CachedTokens).Bind(8, outcome.CompletionTokens)
            .Bind(9, stamp).Bind(10, hold.Seq).Run();
        var key = new UsageKey(hold.Namespace.Value, stamp / MicrosecondsPerHour, hold.Key.Value, hold.Model);
        _batchUsage[key] = _batchUsage.GetValueOrDefault(key).Plus(outcome, charge);
        if (receipt is not null)
            _receipt.Bind(1, hold.Seq).Bind(2, receipt).Run();
    }

    /// <summary>Writes the usage of the batch: one row for many jobs of the same hour, key and model.</summary>
    public void Flush()
    {
        foreach (var (key, sums) in _batchUsage)
        {
            _usage.Bind(1, key.Namespace).Bind(2, key.Hour).Bind(3, key.Key).Bind(4, key.Model).Bind(5, sums.Jobs)
                .Bind(6, sums.PromptTokens).Bind(7, sums.CachedTokens).Bind(8, sums.CompletionTokens).Bind(9, sums.Charge).Run();
        }

        _batchUsage.Clear();
    }

    public void Rollback() => _batchUsage.Clear();

    private readonly record struct UsageKey(string Namespace, long Hour, string Key, string Model);

    private readonly record struct UsageSums(long Jobs, long PromptTokens, long CachedTokens, long CompletionTokens, long Charge)
    {
        public UsageSums Plus(JobOutcome outcome, long charge) => new(Jobs + 1, PromptTokens + outcome.PromptTokens,
            CachedTokens + outcome.CachedTokens, CompletionTokens + outcome.CompletionTokens, checked(Charge + charge));
    }
}
