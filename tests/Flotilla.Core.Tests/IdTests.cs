using Flotilla.Testing;

namespace Flotilla.Core.Tests;

public sealed class IdTests
{
    [Fact]
    public void New_EachKind_HasItsPrefixAnd128Bits()
    {
        var ids = SystemIdSource.Instance;
        (string Prefix, string Id)[] all =
        [
            ("job_", JobId.New(ids).Value), ("req_", RequestId.New(ids).Value), ("tx_", TransferId.New(ids).Value), ("key_", KeyId.New(ids).Value),
            ("ns_", NamespaceId.New(ids).Value), ("acct_", AccountId.New(ids).Value),
        ];
        Assert.All(all, x => Assert.Matches($"^{x.Prefix}[0-9a-f]{{32}}$", x.Id));
    }

    [Fact]
    public void Next_ManyTimes_NeverRepeats()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => SystemIdSource.Instance.Next("")).ToHashSet();
        Assert.Equal(10_000, ids.Count);
    }

    [Fact]
    public void Next_Later_SortsLater()
    {
        var time = new ManualTimeProvider();
        var ids = new SystemIdSource(time);
        var made = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            made.Add(ids.Next("x_"));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.StartsWith($"x_{time.GetUtcNow().AddMilliseconds(-1).ToUnixTimeMilliseconds():x12}", made[^1]);
    }

    [Fact]
    public void NodeId_OfAKey_IsTheBeginningOfItsHash()
    {
        // SHA-256 of 32 zero bytes begins with 66687aadf862bd776c8fc18b8e9f8e20.
        Assert.Equal("node_66687aadf862bd776c8fc18b8e9f8e20", NodeId.Of(new byte[32]).Value);
    }

    [Fact]
    public void Fill_LongBuffer_LeavesNoPartUntouched()
    {
        var bytes = new byte[1024];
        SystemIdSource.Instance.Fill(bytes);
        Assert.True(bytes.Distinct().Count() > 100);
    }

    [Fact]
    public void ToString_IsTheValue() => Assert.Equal("job_00000000000000000000000000000001", JobId.New(new CountingIdSource()).ToString());
}
