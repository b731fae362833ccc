using System.Globalization;

namespace Flotilla.Ledger.Tests;

/// <summary>
/// Runs a table of transfers: one line an event, what it must answer behind the bar, a remark behind the hash. A1 and A2 are
/// namespaces, N1 and N2 operators, A9 and N9 do not exist.
/// <code>
/// fund   ID NAMESPACE AMOUNT [reason=]
/// hold   ID NAMESPACE AMOUNT [job=] [key=] [model=] [price=] [timeout=SECONDS]
/// post   ID HOLD AMOUNT [pay=AMOUNT] [to=OPERATOR] [job=] [status=] [tokens=] [receipt=]
/// void   ID HOLD [job=] [status=]
/// tick   SECONDS
/// expect NAME TOTAL=AMOUNT…        # free, held, posted of a namespace; earned of an operator; issued, fees of 'all'
/// </code>
/// </summary>
internal sealed class TransferScript
{
    private readonly TestLedger _ledger;
    private readonly Dictionary<string, string> _names = new() { ["A9"] = "ns_missing", ["N9"] = "acct_missing" };

    private TransferScript(TestLedger ledger) => _ledger = ledger;

    public static async Task CheckAsync(string table)
    {
        await using var ledger = await TestLedger.OpenAsync();
        var script = new TransferScript(ledger);
        foreach (var name in (string[])["A1", "A2"])
            script._names[name] = (await ledger.NamespaceAsync()).Value;
        foreach (var name in (string[])["N1", "N2"])
            script._names[name] = (await ledger.OperatorAsync()).Value;
        var lines = table.Split('\n').Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0);
        foreach (var line in lines)
            await script.RunAsync(line);
        await ledger.AssertCleanAsync();
    }

    private async Task RunAsync(string line)
    {
        var parts = line.Split('|', 2, StringSplitOptions.TrimEntries);
        var words = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plain = words.Where(word => !word.Contains('=', StringComparison.Ordinal)).ToArray();
        var named = words.Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Split('=')).ToDictionary(w => w[0], w => w[1]);
        var answer = plain[0] switch
        {
            "fund" => (await FundAsync(plain, named)).ToString(),
            "hold" => (await HoldAsync(plain, named)).ToString(),
            "post" => (await SettleAsync(plain[1], plain[2], Amount(plain[3]), named)).ToString(),
            "void" => (await SettleAsync(plain[1], plain[2], default, named)).ToString(),
            "tick" => await TickAsync(Amount(plain[1]).Micro),
            "expect" => Observed(plain[1], named),
            _ => throw new ArgumentException($"'{plain[0]}' is no event.", nameof(line)),
        };
        var expected = plain[0] == "expect" ? string.Join(' ', named.Select(pair => $"{pair.Key}={pair.Value}")) : parts.Length > 1 ? parts[1] : "";
        Assert.True(expected == answer, $"{line}\n answered {answer}");
    }

    private ValueTask<TransferStatus> FundAsync(string[] plain, Dictionary<string, string> named) => _ledger.Store.Money.FundAsync(
        new FundRequest
        {
            Id = new(plain[1]), Namespace = new(_names[plain[2]]), Amount = Amount(plain[3]), Reason = named.GetValueOrDefault("reason", "test"),
        },
        TestLedger.Ct);

    private async Task<TransferStatus> HoldAsync(string[] plain, Dictionary<string, string> named)
    {
        var request = new HoldRequest
        {
            Id = new(plain[1]),
            Job = new(named.GetValueOrDefault("job", "job_" + plain[1])),
            Request = new("req_1"),
            Namespace = new(_names[plain[2]]),
            Key = new(named.GetValueOrDefault("key", "key_1")),
            Model = named.GetValueOrDefault("model", "demo"),
            Endpoint = "chat.completions",
            PriceVersion = Amount(named.GetValueOrDefault("price", "1")).Micro,
            Amount = Amount(plain[3]),
            Timeout = TimeSpan.FromSeconds(Amount(named.GetValueOrDefault("timeout", "30")).Micro),
        };
        var result = await _ledger.Store.Money.HoldAsync(request, TestLedger.Ct);
        Assert.Equal(_ledger.Store.Money.BalanceOf(request.Namespace).Available, result.Available);
        return result.Status;
    }

    private async Task<TransferStatus> SettleAsync(string id, string hold, Credits charge, Dictionary<string, string> named)
    {
        var request = new SettleRequest
        {
            Id = new(id),
            Hold = new(hold),
            Job = new(named.GetValueOrDefault("job", "job_" + hold)),
            Charge = charge,
            NodePay = Amount(named.GetValueOrDefault("pay", "0")),
            Operator = named.TryGetValue("to", out var payee) ? new AccountId(_names[payee]) : null,
            Outcome = Requests.Completed with
            {
                Status = Enum.Parse<JobStatus>(named.GetValueOrDefault("status", "Completed")),
                CompletionTokens = (int)Amount(named.GetValueOrDefault("tokens", "30")).Micro,
            },
            Receipt = named.TryGetValue("receipt", out var receipt) ? System.Text.Encoding.UTF8.GetBytes(receipt) : null,
        };
        var result = await _ledger.Store.Money.SettleAsync(request, TestLedger.Ct);
        Assert.Equal(result.Status.IsDone() ? charge : default, result.Charged);
        return result.Status;
    }

    private async Task<string> TickAsync(long seconds)
    {
        await _ledger.AdvanceAsync(TimeSpan.FromSeconds(seconds));
        return "";
    }

    private string Observed(string name, Dictionary<string, string> asked)
    {
        var money = _ledger.Store.Money;
        var balance = name.StartsWith('A') ? money.BalanceOf(new(_names[name])) : default;
        return string.Join(' ', asked.Keys.Select(total => total + "=" + (total switch
        {
            "free" => balance.Available,
            "held" => balance.Held,
            "posted" => balance.Posted,
            "earned" => money.EarnedBy(new(_names[name])),
            "issued" => money.Totals.Issued,
            "fees" => money.Totals.Fees,
            _ => throw new ArgumentException($"'{total}' is no total.", nameof(asked)),
        }).Micro.ToString(CultureInfo.InvariantCulture)));
    }

    private static Credits Amount(string text) => new(text == "MAX" ? long.MaxValue : long.Parse(text, CultureInfo.InvariantCulture));
}
