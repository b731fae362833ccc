using System.Text;

namespace Flotilla.Ledger.Tests;

public sealed class KeyBookTests
{
    [Fact]
    public async Task Find_KeyOfANamespace_NamesItsOwners()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync();
        var made = await ledger.Store.Keys.CreateKeyAsync(ns, "laptop", KeyKind.Client, TestLedger.Ct);
        var found = ledger.Store.Keys.Find(KeyBook.HashOf(made.Secret));
        var account = ledger.Store.Keys.FindNamespace(ns)!.Account;
        Assert.Equal(new KeyRecord(made.Id, KeyKind.Client, ns, account, "laptop", ledger.Clock.GetUtcNow(), null), found);
        Assert.Matches("^sk-flt-[0-9A-Za-z]{49}$", made.Secret);
        Assert.DoesNotContain(made.Secret, made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_AdminKey_HasNoNamespace()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var made = await ledger.Store.Keys.CreateKeyAsync(null, "root", KeyKind.Admin, TestLedger.Ct);
        var found = ledger.Store.Keys.Find(KeyBook.HashOf(made.Secret))!;
        Assert.Equal((KeyKind.Admin, null, null), (found.Kind, found.Namespace, found.Account));
        Assert.StartsWith("ak-flt-", made.Secret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_HashThatWasNeverIssued_Null()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var made = await ledger.Store.Keys.CreateKeyAsync(await ledger.NamespaceAsync(), "laptop", KeyKind.Client, TestLedger.Ct);
        var hash = KeyBook.HashOf(made.Secret);
        for (var bit = 0; bit < 256; bit++)
        {
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(ledger.Store.Keys.Find(hash));
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.NotNull(ledger.Store.Keys.Find(hash));
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Store.Keys.Find(hash.AsSpan(0, 31)));
    }

    [Fact]
    public async Task RevokeAsync_Twice_RevokesOnce()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var keys = ledger.Store.Keys;
        var made = await keys.CreateKeyAsync(await ledger.NamespaceAsync(), "laptop", KeyKind.Client, TestLedger.Ct);
        Assert.False(keys.Find(KeyBook.HashOf(made.Secret))!.IsRevoked);
        Assert.True(await keys.RevokeAsync(made.Id, TestLedger.Ct));
        Assert.Equal(ledger.Clock.GetUtcNow(), keys.Find(KeyBook.HashOf(made.Secret))!.Revoked);
        Assert.False(await keys.RevokeAsync(made.Id, TestLedger.Ct));
        Assert.False(await keys.RevokeAsync(new("key_missing"), TestLedger.Ct));
    }

    [Fact]
    public async Task Lists_show_what_belongs_to_whom_also_after_a_restart()
    {
        using var folder = new LedgerFolder();
        NamespaceId first, second;
        NewKey revoked;
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            first = await ledger.NamespaceAsync();
            second = await ledger.NamespaceAsync();
            await ledger.Store.Keys.CreateKeyAsync(first, "one", KeyKind.Client, TestLedger.Ct);
            revoked = await ledger.Store.Keys.CreateKeyAsync(second, "two", KeyKind.Client, TestLedger.Ct);
            await ledger.Store.Keys.CreateKeyAsync(null, "root", KeyKind.Admin, TestLedger.Ct);
            await ledger.Store.Keys.RevokeAsync(revoked.Id, TestLedger.Ct);
        }

        await using var again = await TestLedger.OpenAsync(folder);
        var keys = again.Store.Keys;
        Assert.Equal(["one"], keys.List(first).Select(key => key.Name));
        Assert.Equal([true], keys.List(second).Select(key => key.IsRevoked));
        Assert.Equal(["one", "root", "two"], keys.List(null).Select(key => key.Name).Order());
        Assert.Equal(2, keys.Namespaces.Count);
        Assert.Equal(2, keys.Accounts.Count);
        Assert.Equal(keys.FindNamespace(second)!.Account, keys.Find(KeyBook.HashOf(revoked.Secret))!.Account);
    }

    [Fact]
    public async Task Secrets_are_nowhere_in_the_files()
    {
        using var folder = new LedgerFolder();
        var secrets = new List<string>();
        await using (var ledger = await TestLedger.OpenAsync(folder))
        {
            var ns = await ledger.NamespaceAsync();
            secrets.Add((await ledger.Store.Keys.CreateKeyAsync(ns, "laptop", KeyKind.Client, TestLedger.Ct)).Secret);
            secrets.Add((await ledger.Store.Keys.CreateKeyAsync(null, "root", KeyKind.Admin, TestLedger.Ct)).Secret);
            secrets.Add(await ledger.Store.Nodes.CreateJoinTokenAsync(await ledger.OperatorAsync(), TimeSpan.FromMinutes(10), TestLedger.Ct));
            await AssertAbsentAsync(folder, secrets);
        }

        await AssertAbsentAsync(folder, secrets);
    }

    [Fact]
    public async Task Bad_requests_are_refused()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var keys = ledger.Store.Keys;
        var ns = await ledger.NamespaceAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => keys.CreateKeyAsync(ns, "root", KeyKind.Admin, TestLedger.Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => keys.CreateKeyAsync(null, "laptop", KeyKind.Client, TestLedger.Ct));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => keys.CreateKeyAsync(new("ns_missing"), "laptop", KeyKind.Client, TestLedger.Ct));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => keys.CreateNamespaceAsync(new("acct_missing"), "things", TestLedger.Ct));
        foreach (var name in (string[])["", " ", "two\nlines", new('x', LedgerLimits.NameCharsMax + 1)])
            await Assert.ThrowsAsync<ArgumentException>(() => keys.CreateAccountAsync(name, TestLedger.Ct));
        await keys.CreateAccountAsync(new('x', LedgerLimits.NameCharsMax), TestLedger.Ct);
    }

    [Fact]
    public async Task LooksLikeKey_tells_a_typing_error()
    {
        await using var ledger = await TestLedger.OpenAsync();
        var ns = await ledger.NamespaceAsync();
        var secret = (await ledger.Store.Keys.CreateKeyAsync(ns, "laptop", KeyKind.Client, TestLedger.Ct)).Secret;
        Assert.True(KeyBook.LooksLikeKey(secret));
        for (var at = 0; at < secret.Length; at++)
            Assert.False(KeyBook.LooksLikeKey(secret[..at] + (secret[at] == 'a' ? 'b' : 'a') + secret[(at + 1)..]), $"changed at {at}");
        foreach (var other in (string[])["", "sk-flt-", "sk-1234", secret[..^1], secret + "a", secret.Replace("sk", "ak", StringComparison.Ordinal)])
            Assert.False(KeyBook.LooksLikeKey(other));
    }

    private static async Task AssertAbsentAsync(LedgerFolder folder, List<string> secrets)
    {
        foreach (var file in Directory.GetFiles(folder.Path).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestLedger.Ct));
            Assert.All(secrets, secret => Assert.DoesNotContain(secret[7..^6], text, StringComparison.Ordinal));
        }
    }
}
