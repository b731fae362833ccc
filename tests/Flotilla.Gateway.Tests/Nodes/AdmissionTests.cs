using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class AdmissionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_served_after_its_test_job_and_not_before()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await node.AdvertiseAsync(4, ScriptedNode.EngineModel("m"));
        var job = await node.JobAsync();
        var request = TextRequest.Parser.ParseFrom(job.Request);
        Assert.Equal((NodeLimits.AdmissionTokens, 1u, 0f), (request.MaxTokens, request.Choices, request.Sampling.Temperature));
        Assert.Empty(host.Directory.Snapshot.Serving("m"));
        Assert.Equal(new NodeModelSummary("m", false, "its test job has not ended yet"), Assert.Single(Assert.Single(host.Directory.Summaries()).Models));

        await node.AnswerAsync(job);

        Assert.True((await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission.Admitted);
        var fleet = host.Directory.Snapshot;
        Assert.Equal(["m"], fleet.Models);
        var offer = Assert.Single(fleet.Offers("m"));
        Assert.Equal((1024u, true, host.Time.GetUtcNow()), (offer.ContextTokens, offer.IsExact, fleet.Since("m")));
        Assert.Same(offer, fleet.Serving("m").Single().Offer("m"));
        Assert.Equal("EU", fleet.Serving("m").Single().Region);
    }

    [Fact]
    public async Task A_model_without_chat_is_tested_with_a_plain_text()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        var model = ScriptedNode.EngineModel("m");
        model.Capabilities.Remove("chat");

        await node.AdvertiseAsync(4, model);

        var request = TextRequest.Parser.ParseFrom((await node.JobAsync()).Request);
        Assert.Equal(TextRequest.InputOneofCase.Prompts, request.InputCase);
    }

    [Fact]
    public async Task A_model_that_can_do_nothing_we_can_test_is_refused()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        var model = ScriptedNode.EngineModel("m");
        model.Capabilities.Clear();

        await node.AdvertiseAsync(4, model);

        var admission = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission;
        Assert.False(admission.Admitted);
        Assert.Contains("capability", admission.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_test_refuses_the_model_and_leaves_the_others()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await node.AdvertiseAsync(4, ScriptedNode.EngineModel("bad"), ScriptedNode.EngineModel("good"));

        for (var i = 0; i < 2; i++)
        {
            var job = await node.JobAsync();
            if (job.Model == "bad")
                await node.SendAsync(new NodeFrame { Failed = new Failed { JobId = job.JobId, Attempt = job.Attempt, Code = Failed.Types.Code.Runtime, Message = "no such file" } });
            else
                await node.AnswerAsync(job);
            var admission = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission;
            Assert.Equal((job.Model == "good", job.Model == "good" ? "" : "the test job failed: no such file"), (admission.Admitted, admission.Reason));
        }

        Assert.Equal(["good"], host.Directory.Snapshot.Models);
        Assert.False(host.Directory.Snapshot.IsKnown("bad"));
    }

    [Fact]
    public async Task An_empty_answer_is_no_answer()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await node.AdvertiseAsync(4, ScriptedNode.EngineModel("m"));

        await node.AnswerAsync(await node.JobAsync(), ScriptedNode.End());

        Assert.Equal("its answer to the test job is empty", (await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission.Reason);
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(45, 45)]
    [InlineData(5, 5)]
    public async Task A_test_that_takes_longer_than_the_model_may_is_cancelled(uint claimed, int seconds)
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        var model = ScriptedNode.EngineModel("m");
        model.AdmissionSeconds = claimed;
        await node.AdvertiseAsync(4, model);
        var job = await node.JobAsync();
        Assert.Equal((uint)seconds * 1000, job.DeadlineMs);
        // Alive, but slow: heartbeats go on.
        for (var beat = 1; beat * LinkLimits.Heartbeat <= TimeSpan.FromSeconds(seconds); beat++)
        {
            await node.AdvertiseAsync((uint)beat, model);
            await host.Directory.WaitAsync(_ => host.Directory.Summaries()[0].Slots == beat, Ct);
            host.Time.Advance(LinkLimits.Heartbeat);
        }

        Assert.Equal(job.JobId, (await node.ReadAsync(GatewayFrame.BodyOneofCase.Cancel)).Cancel.JobId);
        var admission = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission;
        Assert.Equal($"the test job took longer than {seconds} s", admission.Reason);
    }

    [Fact]
    public async Task A_busy_node_is_tested_again()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await node.AdvertiseAsync(4, ScriptedNode.EngineModel("m"));
        var first = await node.JobAsync();
        await node.SendAsync(new NodeFrame { Rejected = new Rejected { JobId = first.JobId, Attempt = 1, Reason = Rejected.Types.Reason.Busy } });

        await host.Time.WhenSetAsync(NodeLimits.AdmissionPause);
        host.Time.Advance(NodeLimits.AdmissionPause);
        var again = await node.JobAsync();
        await node.AnswerAsync(again);

        Assert.Equal((first.JobId, 2u), (again.JobId, again.Attempt));
        Assert.True((await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission.Admitted);
    }

    [Fact]
    public async Task A_second_Advertise_tests_only_what_is_new_and_takes_out_what_is_gone()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync(models: ["a", "b"]);
        var changed = ScriptedNode.EngineModel("b");
        changed.ModelDigest = new string('b', 64);

        await node.AdvertiseAsync(8, ScriptedNode.EngineModel("c"), changed);
        var tested = new[] { await AdmitNextAsync(), await AdmitNextAsync() };

        // The changed file signs with another digest than the scripted node knows, so its test fails.
        Assert.Equal(["b", "c"], tested.Order());
        Assert.Equal(["c"], host.Directory.Snapshot.Models);
        Assert.True(host.Directory.Snapshot.IsKnown("a"));
        Assert.Null(session.Offer("a"));

        async Task<string> AdmitNextAsync()
        {
            var job = await node.JobAsync();
            if (job.Model == "b")
                await node.SendAsync(new NodeFrame { Failed = new Failed { JobId = job.JobId, Attempt = job.Attempt, Code = Failed.Types.Code.Runtime } });
            else
                await node.AnswerAsync(job);
            return (await node.ReadAsync(GatewayFrame.BodyOneofCase.Admission)).Admission.Model;
        }
    }

    [Fact]
    public async Task The_same_Advertise_again_tests_nothing()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();

        await node.AdvertiseAsync(9, ScriptedNode.EngineModel("m"));
        await host.Directory.WaitAsync(_ => session.Slots == 9, Ct);

        Assert.Equal(["m"], host.Directory.Snapshot.Models);
        Assert.Equal(0, session.Running);
    }

    [Fact]
    public async Task A_node_that_signs_wrongly_in_its_test_is_closed()
    {
        await using var host = await LinkHost.StartAsync();
        await using var node = await host.ConnectAsync();
        await node.AdvertiseAsync(4, ScriptedNode.EngineModel("m"));
        var job = await node.JobAsync();
        Event[] events = [ScriptedNode.Text("x"), ScriptedNode.End()];
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, events);

        await node.SendAsync(new NodeFrame { Done = node.Done(new Job(job) { Seed = 5 }, 1, events) });

        await node.RefusedAsync(Refused.Types.Reason.Protocol, System.Net.WebSockets.WebSocketCloseStatus.ProtocolError);
        Assert.Empty(host.Directory.Summaries());
    }
}
