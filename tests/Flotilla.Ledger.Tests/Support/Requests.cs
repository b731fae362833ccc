namespace Flotilla.Ledger.Tests;

/// <summary>Requests with everything set that a test does not care about.</summary>
internal static class Requests
{
    public static readonly JobOutcome Completed = new()
    {
        Status = JobStatus.Completed, Finish = "stop", PromptTokens = 12, CachedTokens = 4, CompletionTokens = 30,
    };

    public static FundRequest Fund(NamespaceId ns, long micro) =>
        new() { Id = TransferId.New(SystemIdSource.Instance), Namespace = ns, Amount = new(micro), Reason = "test" };

    public static HoldRequest Hold(NamespaceId ns, long micro) => new()
    {
        Id = TransferId.New(SystemIdSource.Instance),
        Job = JobId.New(SystemIdSource.Instance),
        Request = RequestId.New(SystemIdSource.Instance),
        Namespace = ns,
        Key = new("key_test"),
        Model = "demo",
        Endpoint = "chat.completions",
        PriceVersion = 1,
        Amount = new(micro),
        Timeout = TimeSpan.FromSeconds(120),
    };

    public static SettleRequest Settle(HoldRequest hold, long charge, AccountId? payee = null, long pay = 0) => new()
    {
        Id = TransferId.New(SystemIdSource.Instance),
        Hold = hold.Id,
        Job = hold.Job,
        Charge = new(charge),
        Operator = payee,
        NodePay = new(pay),
        Outcome = Completed,
    };
}
