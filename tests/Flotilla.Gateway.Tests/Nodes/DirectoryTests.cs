using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class DirectoryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_whose_last_node_left_is_known_and_served_by_nobody()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, _) = await host.AdmitAsync();

        node.Kill();
        var fleet = await host.Directory.WaitAsync(f => f.Models.IsEmpty, Ct);

        Assert.True(fleet.IsKnown("m"));
        Assert.False(fleet.IsKnown("never"));
        Assert.Empty(fleet.Serving("m"));
        Assert.Empty(fleet.Offers("m"));
        Assert.Null(fleet.Since("m"));
    }

    [Fact]
    public async Task A_model_that_comes_back_keeps_its_first_date()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, _) = await host.AdmitAsync();
        var first = host.Directory.Snapshot.Since("m");
        node.Kill();
        await host.Directory.WaitAsync(f => f.Models.IsEmpty, Ct);
        host.Time.Advance(TimeSpan.FromHours(1));

        await host.AdmitAsync(key: 2);

        Assert.NotNull(first);
        Assert.Equal(first, host.Directory.Snapshot.Since("m"));
    }

    [Fact]
    public async Task A_snapshot_does_not_change_under_its_reader()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        var before = host.Directory.Snapshot;

        node.Kill();
        await host.Directory.WaitAsync(f => f.Models.IsEmpty, Ct);

        Assert.Same(session, Assert.Single(before.Serving("m")));
    }

    [Fact]
    public async Task Two_nodes_of_one_model_are_both_listed()
    {
        await using var host = await LinkHost.StartAsync();
        var (one, _) = await host.AdmitAsync();
        var (two, _) = await host.AdmitAsync(key: 2);

        Assert.Equal(2, host.Directory.Snapshot.Serving("m").Length);
        Assert.Equal(2, host.Directory.Snapshot.Offers("m").Count);
        Assert.Equal(new[] { one.Id, two.Id }.Order(Comparer<Core.NodeId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
            host.Directory.Summaries().Select(s => s.Id).Order(Comparer<Core.NodeId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))));
    }

    [Fact]
    public async Task The_picker_spreads_jobs_by_free_slots_and_gives_up_when_all_are_full()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, small) = await host.AdmitAsync(key: 1, slots: 2);
        var (_, large) = await host.AdmitAsync(key: 2, slots: 4);
        for (var i = 0; i < 6; i++)
        {
            var node = host.Picker.Pick(host.Directory.Snapshot, "m", NodeWishes.None, new HashSet<Core.NodeId>());
            Assert.NotNull(node);
            node.Start(Jobs.Spec($"job_{i}"));
            Assert.InRange(large.Running - (2 * small.Running), -2, 2);
        }

        Assert.Equal((2, 4), (small.Running, large.Running));
        Assert.Null(host.Picker.Pick(host.Directory.Snapshot, "m", NodeWishes.None, new HashSet<Core.NodeId>()));
    }

    [Fact]
    public async Task The_picker_leaves_out_the_excluded_and_knows_no_other_models()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, one) = await host.AdmitAsync(key: 1);
        var (_, two) = await host.AdmitAsync(key: 2);
        var fleet = host.Directory.Snapshot;

        Assert.Same(two, host.Picker.Pick(fleet, "m", NodeWishes.None, new HashSet<Core.NodeId> { one.Id }));
        Assert.Null(host.Picker.Pick(fleet, "m", NodeWishes.None, new HashSet<Core.NodeId> { one.Id, two.Id }));
        Assert.Null(host.Picker.Pick(fleet, "other", NodeWishes.None, new HashSet<Core.NodeId>()));
    }

    [Fact]
    public async Task The_picker_gives_equals_their_turn()
    {
        await using var host = await LinkHost.StartAsync();
        for (byte key = 1; key <= 3; key++)
            await host.AdmitAsync(key);

        var picked = Enumerable.Range(0, 30).Select(_ => host.Picker.Pick(host.Directory.Snapshot, "m", NodeWishes.None, new HashSet<Core.NodeId>())!.Id);

        Assert.Equal([10, 10, 10], picked.CountBy(id => id).Select(c => c.Value));
    }
}
