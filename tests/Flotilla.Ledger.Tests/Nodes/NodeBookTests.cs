using System.Security.Cryptography;

namespace Flotilla.Ledger.Tests;

public sealed class NodeBookTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task RedeemAsync_FreshToken_BindsTheKeyToTheOperator()
    {
        using var folder = new LedgerFolder();
        var key = Key(1);
        AccountId account;
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            account = await ledger.OperatorAsync();
            var token = await ledger.Store.Nodes.CreateJoinTokenAsync(account, Lifetime, TestLedger.Ct);
            Assert.True(NodeBook.LooksLikeToken(token));
            var result = await ledger.Store.Nodes.RedeemAsync(Hash(token), key, TestLedger.Ct);
            Assert.Equal(RedeemStatus.Redeemed, result.Status);
            Assert.Same(result.Node, ledger.Store.Nodes.Find(NodeId.Of(key)));
        }

        await using var again = await TestLedger.OpenAsync(folder);
        var node = Assert.Single(again.Store.Nodes.List());
        Assert.Equal((NodeId.Of(key), account, false), (node.Id, node.Operator, node.IsRevoked));
        Assert.Equal(key, node.PublicKey.ToArray());
    }

    [Fact]
    public async Task RedeemAsync_EachRefusal_HasItsStatus()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var nodes = ledger.Store.Nodes;
        var account = await ledger.OperatorAsync();
        var token = Hash(await nodes.CreateJoinTokenAsync(account, Lifetime, TestLedger.Ct));
        Assert.Equal(RedeemStatus.UnknownToken, (await nodes.RedeemAsync(Hash("jt-flt-other"), Key(1), TestLedger.Ct)).Status);
        Assert.Equal(RedeemStatus.Redeemed, (await nodes.RedeemAsync(token, Key(1), TestLedger.Ct)).Status);
        var repeat = await nodes.RedeemAsync(token, Key(1), TestLedger.Ct);
        Assert.Equal(RedeemStatus.AlreadyBoundToThisKey, repeat.Status);
        Assert.Equal(NodeId.Of(Key(1)), repeat.Node!.Id);
        Assert.Equal(RedeemStatus.TokenUsed, (await nodes.RedeemAsync(token, Key(2), TestLedger.Ct)).Status);

        var late = Hash(await nodes.CreateJoinTokenAsync(account, Lifetime, TestLedger.Ct));
        ledger.Clock.Advance(Lifetime);
        Assert.Equal(RedeemStatus.TokenExpired, (await nodes.RedeemAsync(late, Key(2), TestLedger.Ct)).Status);
        Assert.Equal(RedeemStatus.AlreadyBoundToThisKey, (await nodes.RedeemAsync(token, Key(1), TestLedger.Ct)).Status);

        var foreign = Hash(await nodes.CreateJoinTokenAsync(await ledger.OperatorAsync(), Lifetime, TestLedger.Ct));
        Assert.Equal(RedeemStatus.NodeBelongsToAnotherOperator, (await nodes.RedeemAsync(foreign, Key(1), TestLedger.Ct)).Status);
        var second = Hash(await nodes.CreateJoinTokenAsync(account, Lifetime, TestLedger.Ct));
        Assert.Equal(RedeemStatus.Redeemed, (await nodes.RedeemAsync(second, Key(1), TestLedger.Ct)).Status);

        Assert.True(await nodes.RevokeAsync(NodeId.Of(Key(1)), TestLedger.Ct));
        Assert.False(await nodes.RevokeAsync(NodeId.Of(Key(1)), TestLedger.Ct));
        Assert.False(await nodes.RevokeAsync(NodeId.Of(Key(2)), TestLedger.Ct));
        Assert.True(nodes.Find(NodeId.Of(Key(1)))!.IsRevoked);
        var refused = await nodes.RedeemAsync(token, Key(1), TestLedger.Ct);
        Assert.Equal(new RedeemResult(RedeemStatus.NodeRevoked, null), refused);
    }

    [Fact]
    public async Task Of_many_keys_racing_for_one_token_one_joins()
    {
        const int RacerCount = 32;
        await using var ledger = await TestLedger.OpenAsync();
        var token = Hash(await ledger.Store.Nodes.CreateJoinTokenAsync(await ledger.OperatorAsync(), Lifetime, TestLedger.Ct));
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var racing = Enumerable.Range(1, RacerCount).Select(async racer =>
        {
            await start.Task;
            return (await ledger.Store.Nodes.RedeemAsync(token, Key(racer), TestLedger.Ct)).Status;
        }).ToArray();
        start.SetResult();
        var answers = await Task.WhenAll(racing);
        Assert.Equal(1, answers.Count(status => status == RedeemStatus.Redeemed));
        Assert.Equal(RacerCount - 1, answers.Count(status => status == RedeemStatus.TokenUsed));
        Assert.Single(ledger.Store.Nodes.List());
    }

    [Fact]
    public async Task CreateJoinTokenAsync_BadRequest_Throws()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var nodes = ledger.Store.Nodes;
        var account = await ledger.OperatorAsync();
        await Assert.ThrowsAsync<KeyNotFoundException>(() => nodes.CreateJoinTokenAsync(new("acct_missing"), Lifetime, TestLedger.Ct));
        foreach (var lifetime in (TimeSpan[])[TimeSpan.Zero, -Lifetime, LedgerLimits.JoinTokenLifetimeMax + TimeSpan.FromSeconds(1)])
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => nodes.CreateJoinTokenAsync(account, lifetime, TestLedger.Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => nodes.RedeemAsync(new byte[31], Key(1), TestLedger.Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => nodes.RedeemAsync(new byte[32], new byte[33], TestLedger.Ct));
    }

    private static byte[] Hash(string token) => KeyBook.HashOf(token);

    private static byte[] Key(int number) => SHA256.HashData([(byte)number]);
}
