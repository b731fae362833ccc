namespace Flotilla.Ledger.Tests;

/// <summary>An open ledger with a clock that stands still until a test moves it.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    private readonly LedgerFolder? _owned;

    private TestLedger(LedgerStore store, ManualTimeProvider clock, LedgerFolder? owned, string path)
    {
        Store = store;
        Clock = clock;
        _owned = owned;
        Path = path;
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public LedgerStore Store { get; }

    public ManualTimeProvider Clock { get; }

    public string Path { get; }

    public static async Task<TestLedger> OpenAsync(Func<LedgerOptions, LedgerOptions>? with = null)
    {
        var folder = new LedgerFolder();
        return await OpenAsync(folder.Database, folder, with);
    }

    public static Task<TestLedger> OpenAsync(LedgerFolder folder) => OpenAsync(folder.Database, null, null);

    public async Task<NamespaceId> NamespaceAsync(long micro = 0)
    {
        var account = await Store.Keys.CreateAccountAsync("someone", Ct);
        var ns = await Store.Keys.CreateNamespaceAsync(account, "things", Ct);
        if (micro > 0)
            Assert.Equal(TransferStatus.Created, await Store.Money.FundAsync(Requests.Fund(ns, micro), Ct));
        return ns;
    }

    public Task<AccountId> OperatorAsync() => Store.Keys.CreateAccountAsync("operator", Ct);

    /// <summary>Moves the clock and waits until every hold that fell due has expired.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        // Deadlines are looked at when a batch begins. The first answer may come from a batch that began while the clock still
        // moved; the batch of the second began after that.
        await Store.RunAsync(_ => 0, Ct);
        await Store.RunAsync(_ => 0, Ct);
    }

    public async Task AssertCleanAsync()
    {
        var report = await Store.AuditAsync(Ct);
        Assert.Empty(report.Violations);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _owned?.Dispose();
    }

    private static async Task<TestLedger> OpenAsync(string path, LedgerFolder? owned, Func<LedgerOptions, LedgerOptions>? with)
    {
        var clock = new ManualTimeProvider();
        var options = new LedgerOptions { Path = path };
        // Real ids: a test may open the same file twice, and a counter would begin again.
        var store = await LedgerStore.OpenAsync(with?.Invoke(options) ?? options, clock, SystemIdSource.Instance, Ct);
        return new TestLedger(store, clock, owned, path);
    }
}
