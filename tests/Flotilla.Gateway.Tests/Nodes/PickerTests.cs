using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Tests.Nodes;

/// <summary>Whom the picker prefers once nodes have a record.</summary>
public sealed class PickerTests
{
    private const int Picks = 12;

    [Fact]
    public async Task A_node_is_passed_over_after_failures_in_a_row_and_tried_again_later()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, good) = await host.AdmitAsync(key: 1);
        var (_, bad) = await host.AdmitAsync(key: 2);
        Fail(host, bad, NodeLimits.FailuresUntilEjection - 1);
        Assert.Equal(2, Picked(host).Count);

        Fail(host, bad, 1);
        Assert.Equal([good.Id], Picked(host));

        host.Time.Advance(NodeLimits.EjectionTime);
        Assert.Equal(2, Picked(host).Count);
    }

    [Fact]
    public async Task Each_further_ejection_lasts_twice_as_long_and_a_success_ends_the_row()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, node) = await host.AdmitAsync();
        var record = host.Records.Of(node.Id);
        var expected = NodeLimits.EjectionTime;
        for (var i = 0; i <= NodeLimits.EjectionDoublingsMax + 1; i++)
        {
            Fail(host, node, NodeLimits.FailuresUntilEjection);
            host.Time.Advance(expected - TimeSpan.FromMilliseconds(1));
            Assert.True(record.IsEjected);
            host.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.False(record.IsEjected);
            if (i < NodeLimits.EjectionDoublingsMax)
                expected *= 2;
        }

        host.Records.Succeeded(node.Id, "m", null, null);
        Fail(host, node, NodeLimits.FailuresUntilEjection - 1);
        Assert.False(record.IsEjected);
        Fail(host, node, 1);
        host.Time.Advance(NodeLimits.EjectionTime);
        Assert.False(record.IsEjected);
    }

    [Fact]
    public async Task An_ejected_node_is_better_than_none()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, good) = await host.AdmitAsync(key: 1, slots: 1);
        var (_, bad) = await host.AdmitAsync(key: 2);
        Fail(host, bad, NodeLimits.FailuresUntilEjection);

        good.Start(Jobs.Spec("job_1"));

        Assert.Equal([bad.Id], Picked(host));
    }

    [Fact]
    public async Task A_slow_node_gets_less_until_its_pace_is_forgotten()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, fast) = await host.AdmitAsync(key: 1);
        var (_, slow) = await host.AdmitAsync(key: 2);
        host.Records.Succeeded(fast.Id, "m", TimeSpan.FromMilliseconds(20), null);
        host.Records.Succeeded(slow.Id, "m", TimeSpan.FromMilliseconds(45), null);
        host.Records.Succeeded(slow.Id, "other", TimeSpan.FromMilliseconds(1), null);

        Assert.Equal([fast.Id], Picked(host));
        // With one job there, the fast node's wait is as long as that of the slow one without.
        fast.Start(Jobs.Spec("job_1"));
        Assert.Equal(2, Picked(host).Count);
        // Not looked at through the picker: by then the nodes' silence has ended their sessions.
        host.Time.Advance(NodeLimits.PaceLifetime + TimeSpan.FromMilliseconds(1));
        Assert.Equal(Pace.Unknown, host.Records.Of(slow.Id).With("m").Pace);
    }

    [Theory]
    [InlineData(ProviderSort.Latency, 2)]
    [InlineData(ProviderSort.Throughput, 1)]
    public async Task Sort_takes_the_best_by_what_was_measured(ProviderSort sort, byte expected)
    {
        await using var host = await LinkHost.StartAsync();
        var sessions = new Dictionary<byte, NodeSession>();
        for (byte key = 1; key <= 3; key++)
            sessions[key] = (await host.AdmitAsync(key)).Session;
        host.Records.Succeeded(sessions[1].Id, "m", TimeSpan.FromMilliseconds(21), 90);
        host.Records.Succeeded(sessions[2].Id, "m", TimeSpan.FromMilliseconds(20), 50);
        var wishes = NodeWishes.None with { Provider = new ProviderPreferences { Sort = sort } };

        // The third was never measured.
        Assert.Equal([sessions[expected].Id], Picked(host, wishes));
    }

    private static void Fail(LinkHost host, NodeSession node, int times)
    {
        for (var i = 0; i < times; i++)
            host.Records.Of(node.Id).Failed();
    }

    private static List<NodeId> Picked(LinkHost host, NodeWishes? wishes = null) =>
        [.. Enumerable.Range(0, Picks).Select(_ => host.Picker.Pick(host.Directory.Snapshot, "m", wishes ?? NodeWishes.None, new HashSet<NodeId>())!.Id).Distinct()];
}
