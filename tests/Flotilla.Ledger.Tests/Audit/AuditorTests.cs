using SQLitePCL;

namespace Flotilla.Ledger.Tests;

/// <summary>Changes made past the ledger, each found by the audit under its own property.</summary>
public sealed class AuditorTests
{
    private const string Unlock = """
        DROP TRIGGER transfer_is_never_changed; DROP TRIGGER transfer_is_never_deleted; DROP TRIGGER job_ends_once;
        DROP TRIGGER job_is_never_deleted; DROP TRIGGER receipt_is_never_changed; DROP TRIGGER receipt_is_never_deleted;

        """;

    [Theory]
    [InlineData("UPDATE transfer SET amount = amount + 1 WHERE kind = 1", "chain", "P3")]
    [InlineData("UPDATE transfer SET note = 'gift' WHERE kind = 1", "chain")]
    [InlineData("UPDATE transfer SET created_us = created_us + 1 WHERE kind = 2", "chain")]
    [InlineData("UPDATE transfer SET amount = amount - 1 WHERE kind = 7", "chain", "P3", "P12")]
    [InlineData("UPDATE transfer SET credit = (SELECT seq FROM ledger_account WHERE id = 'fees') WHERE kind = 6", "chain", "P3")]
    [InlineData("DELETE FROM transfer WHERE seq = (SELECT max(seq) FROM transfer)", "chain", "P3")]
    [InlineData("DELETE FROM transfer WHERE kind = 7", "chain", "P3", "P12")]
    [InlineData("DELETE FROM transfer WHERE kind = 2 AND seq = (SELECT min(seq) FROM transfer WHERE kind = 2)", "chain", "P4")]
    [InlineData("UPDATE transfer SET amount = 61 WHERE kind = 3", "chain", "P5", "P12")]
    [InlineData("UPDATE ledger_account SET credits_posted = credits_posted + 7 WHERE role = 1", "P1", "P3")]
    [InlineData("UPDATE ledger_account SET debits_posted = debits_posted + 7 WHERE id = 'clearing'", "P1", "P3", "P12")]
    [InlineData("UPDATE job SET completion_tokens = 9999 WHERE status = 2", "body", "usage")]
    [InlineData("UPDATE job SET model = 'dear' WHERE status = 2", "body", "usage")]
    [InlineData("UPDATE job SET charge = 1 WHERE status = 2", "job", "body", "usage")]
    [InlineData("DELETE FROM job WHERE status = 2", "job", "usage")]
    [InlineData("UPDATE receipt SET body = x'00'", "body")]
    [InlineData("DELETE FROM receipt", "body")]
    [InlineData("UPDATE usage SET charge = charge - 1", "usage")]
    [InlineData("DELETE FROM usage", "usage")]
    public async Task A_change_past_the_ledger_is_found(string sql, params string[] properties)
    {
        using var folder = new LedgerFolder();
        await FillAsync(folder);
        Assert.Equal(raw.SQLITE_OK, RawSql.Run(folder.Database, Unlock + sql));
        await using var ledger = await TestLedger.OpenAsync(folder);
        var report = await ledger.Store.AuditAsync(TestLedger.Ct);
        Assert.False(report.IsClean);
        Assert.Superset(properties.ToHashSet(), report.Violations.Select(violation => violation.Property).ToHashSet());
    }

    [Theory]
    [InlineData("UPDATE transfer SET amount = 1")]
    [InlineData("DELETE FROM transfer")]
    [InlineData("UPDATE job SET charge = 1 WHERE status = 2")]
    [InlineData("DELETE FROM job")]
    [InlineData("UPDATE receipt SET body = x'00'")]
    [InlineData("DELETE FROM receipt")]
    [InlineData("UPDATE price SET input = 0")]
    [InlineData("UPDATE ledger_account SET debits_pending = credits_posted + 1 WHERE role = 1")]
    [InlineData("UPDATE ledger_account SET credits_posted = 1.5 WHERE role = 1")]
    [InlineData("INSERT INTO transfer SELECT seq + 1000, id || 'x', kind, debit, credit, amount, hold_seq, note, created_us, body_hash, chain_hash FROM transfer WHERE kind = 3")]
    public async Task The_database_itself_refuses_what_the_rules_forbid(string sql)
    {
        using var folder = new LedgerFolder();
        await FillAsync(folder);
        Assert.Equal(raw.SQLITE_CONSTRAINT, RawSql.Run(folder.Database, sql));
        await using var ledger = await TestLedger.OpenAsync(folder);
        await ledger.AssertCleanAsync();
    }

    [Fact]
    public async Task An_untouched_ledger_is_clean_while_jobs_run()
    {
        using var folder = new LedgerFolder();
        await FillAsync(folder);
        await using var ledger = await TestLedger.OpenAsync(folder);
        await ledger.Store.Money.HoldAsync(Requests.Hold(ledger.Store.Keys.Namespaces[0].Id, 1), TestLedger.Ct);
        var report = await ledger.Store.AuditAsync(TestLedger.Ct);
        Assert.Empty(report.Violations);
        Assert.True(report.IsClean);
        // A fund, two holds, a post with two legs, a void, and the hold of above.
        Assert.Equal((8, 3), (report.Transfers, report.Jobs));
    }

    [Fact]
    public async Task A_report_spells_out_no_more_than_its_limit_and_counts_the_rest()
    {
        using var folder = new LedgerFolder();
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            var ns = await ledger.NamespaceAsync();
            await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => ledger.Store.Money.FundAsync(Requests.Fund(ns, 1), TestLedger.Ct).AsTask()));
        }

        Assert.Equal(raw.SQLITE_OK, RawSql.Run(folder.Database, Unlock + "UPDATE transfer SET note = 'gift'"));
        await using var damaged = await TestLedger.OpenAsync(folder);
        var report = await damaged.Store.AuditAsync(TestLedger.Ct);
        Assert.Equal(150, report.ViolationCount);
        Assert.Equal(LedgerLimits.AuditViolationsMax, report.Violations.Count);
    }

    private static async Task FillAsync(LedgerFolder folder)
    {
        await using var ledger = await TestLedger.OpenAsync(folder);
        var ns = await ledger.NamespaceAsync(1_000);
        var payee = await ledger.OperatorAsync();
        HoldRequest[] holds = [Requests.Hold(ns, 60), Requests.Hold(ns, 60)];
        foreach (var hold in holds)
            Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.HoldAsync(hold, TestLedger.Ct)).Status);
        var post = Requests.Settle(holds[0], 45, payee, 36) with { Receipt = [1, 2, 3] };
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.SettleAsync(post, TestLedger.Ct)).Status);
        Assert.Equal(TransferStatus.Created, (await ledger.Store.Money.SettleAsync(Requests.Settle(holds[1], 0), TestLedger.Ct)).Status);
        await ledger.AssertCleanAsync();
    }
}
