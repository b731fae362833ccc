using Flotilla.Gateway.Deferred;

namespace Flotilla.Gateway.Tests.Deferred;

public sealed class LaneTests
{
    private readonly DeferredLane _lane = new();

    [Fact]
    public void Turns_UrgentOnesOfOneNamespace_AreNotBeforeAnothersNormalOne()
    {
        Add("a", "1", DeferredPriority.Urgent);
        Add("a", "2", DeferredPriority.Urgent);
        Add("a", "3", DeferredPriority.Urgent);
        Add("b", "4", DeferredPriority.Bulk);
        Add("b", "5", DeferredPriority.Normal);

        Assert.Equal(["a1", "b5", "a2", "b4", "a3"], Order());
    }

    [Fact]
    public void Before_EveryEntry_IsItsPlaceInTheOrder()
    {
        for (var i = 0; i < 40; i++)
            Add($"{(char)('a' + (i * i % 7))}", $"{i:00}", (DeferredPriority)(i % 3));

        var order = new List<DeferredEntry>();
        var said = new Dictionary<DeferredEntry, int?>();
        foreach (var entry in Waiting())
            said[entry] = _lane.Before(entry);
        while (_lane.Turn(0) is { } share)
        {
            order.Add(share.Entries[0]);
            _lane.Take(share.Entries[0]);
        }

        Assert.Equal(40, order.Count);
        Assert.All(order.Index(), o => Assert.Equal(o.Index, said[o.Item]));
        Assert.Null(_lane.Before(order[0]));
        Assert.Equal(0, _lane.Waiting);
    }

    [Fact]
    public void Return_OfOneThatTheFleetRefused_HasItsTurnBack()
    {
        var first = Add("a", "1", DeferredPriority.Normal);
        Add("b", "2", DeferredPriority.Normal);
        _lane.Take(first);

        _lane.Return(first, DateTimeOffset.UnixEpoch.AddDays(1), PauseScope.Lane);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(1), _lane.PausedUntil);
        Assert.Equal(["a1", "b2"], Order());
    }

    [Fact]
    public void Return_OfOneThatItsOwnLimitRefused_PausesItsNamespaceAlone()
    {
        var first = Add("a", "1", DeferredPriority.Normal);
        Add("b", "2", DeferredPriority.Normal);
        _lane.Take(first);

        _lane.Return(first, DateTimeOffset.UnixEpoch.AddDays(1), PauseScope.Namespace);

        Assert.Equal(default, _lane.PausedUntil);
        Assert.Equal((default, DateTimeOffset.UnixEpoch.AddDays(1)), (_lane.Turn(0)!.PausedUntil, _lane.Turn(1)!.PausedUntil));
        Assert.Equal(["b2", "a1"], Order());
    }

    [Fact]
    public void Return_OfOneThatOnlyATryCanPlace_PausesItAlone_UntilOneOfItsNamespaceIsAnswered()
    {
        var until = DateTimeOffset.UnixEpoch.AddDays(1);
        var first = Add("a", "1", DeferredPriority.Normal);
        var second = Add("a", "2", DeferredPriority.Normal);
        _lane.Take(first);

        _lane.Return(first, until, PauseScope.Request);

        var share = _lane.Turn(0)!;
        Assert.Equal((default, default), (_lane.PausedUntil, share.PausedUntil));
        Assert.Equal(second, share.Next(DateTimeOffset.UnixEpoch));
        Assert.Equal(first, share.Next(until));
        _lane.Take(second);
        Assert.Null(share.Next(DateTimeOffset.UnixEpoch));
        _lane.Took(second, TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
        Assert.Equal(first, share.Next(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Took_EndsAPauseThatLastsStill_NotOneThatIsOver()
    {
        var (soon, late) = (DateTimeOffset.UnixEpoch.AddSeconds(1), DateTimeOffset.UnixEpoch.AddDays(1));
        var first = Add("a", "1", DeferredPriority.Normal);
        var second = Add("a", "2", DeferredPriority.Normal);
        var third = Add("a", "3", DeferredPriority.Normal);
        _lane.Take(first);
        _lane.Return(first, soon, PauseScope.Request);
        _lane.Take(second);
        _lane.Return(second, late, PauseScope.Request);
        _lane.Take(third);

        _lane.Took(third, TimeSpan.FromSeconds(1), soon);

        Assert.Equal((soon, default), (first.PausedUntil, second.PausedUntil));
    }

    [Fact]
    public void Remove_WhoDoesNotWait_IsFalse()
    {
        var entry = Add("a", "1", DeferredPriority.Normal);

        Assert.True(_lane.Remove(entry));
        Assert.False(_lane.Remove(entry));
        Assert.Null(_lane.Turn(0));
    }

    private DeferredEntry Add(string owner, string id, DeferredPriority priority)
    {
        var entry = new DeferredEntry(
            new DeferredRow
            {
                Id = owner + id, NamespaceId = owner, KeyId = "key", Path = "/v1/chat/completions", ContentType = "application/json", Headers = "{}", Priority = priority,
                CreatedMs = 0, ExpiresMs = long.MaxValue, JobId = "job",
            },
            survived: false);
        _lane.Add(entry);
        return entry;
    }

    private List<string> Order()
    {
        var order = new List<string>();
        while (_lane.Turn(0) is { } share)
        {
            order.Add(share.Entries[0].Row.Id);
            _lane.Take(share.Entries[0]);
        }

        return order;
    }

    private IEnumerable<DeferredEntry> Waiting()
    {
        for (var i = 0; _lane.Turn(i) is { } share; i++)
        {
            foreach (var entry in share.Entries)
                yield return entry;
        }
    }
}
