using System.Threading.Channels;
using Flotilla.Core;
using Flotilla.Node.Links;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Node.Work;
using Flotilla.Testing.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Node.Tests.Work;

public sealed class SessionJobsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_comes_while_the_link_ends_gives_its_slot_back()
    {
        var node = await NodeAsync();
        var outbox = new Outbox(1);
        var jobs = new SessionJobs(node, outbox, new AttemptMemory(2));
        outbox.Complete();
        await Assert.ThrowsAsync<ChannelClosedException>(() => jobs.StartAsync(Jobs.Job()).AsTask());
        Assert.Equal(0, node.Slots.Running);
        Assert.True(jobs.WhenIdleAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_longest_deadline_that_a_job_can_have_is_none_that_breaks_the_clock()
    {
        var node = await NodeAsync();
        var jobs = new SessionJobs(node, new Outbox(1), new AttemptMemory(2));
        Assert.Null(await jobs.StartAsync(Jobs.Job(deadlineMs: uint.MaxValue)));
        await jobs.WhenIdleAsync().WaitAsync(Ct);
        Assert.Equal(0, node.Slots.Running);
    }

    private static async Task<NodeWork> NodeAsync()
    {
        var key = SigningKey.FromSeed(new byte[Ed25519.KeyBytes]);
        var catalog = new RuntimeCatalog([new ScriptedRuntime(Jobs.Model)], TimeProvider.System, NullLogger.Instance);
        await catalog.RefreshAsync(Ct);
        return new NodeWork(key, NodeId.Of(key.PublicKey), catalog, new JobSlots(1), TimeProvider.System, NullLogger.Instance);
    }
}
