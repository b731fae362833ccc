using System.Net.WebSockets;
using Flotilla.Core;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Tests.Nodes;

public sealed class AttemptTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_brings_its_events_and_a_statement_that_the_node_signed()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        Assert.Equal(1, session.Running);

        var job = await node.JobAsync();
        await node.AnswerAsync(job);

        Assert.Same(AttemptItem.Accepted.Instance, await attempt.ReadAsync(Ct));
        var (events, last) = await attempt.ReadAllAsync();
        Assert.Equal(["Hello", " there"], events.Where(e => e.BodyCase == Event.BodyOneofCase.Text).Select(e => e.Text.Text_));
        var done = Assert.IsType<AttemptItem.Done>(last);
        Assert.True(done.Statement.Verify(session.PublicKey.Span, done.Frame.Signature.Span));
        Assert.Equal(("job_1", 1L, "m", 2L, "7"), (done.Statement.JobId, done.Statement.Attempt, done.Statement.Model, done.Statement.CompletionTokens, done.Statement.Seed));
        Assert.Equal(0, session.Running);
        Assert.Same(last, await attempt.ReadAsync(Ct));
    }

    [Fact]
    public async Task The_job_frame_holds_what_the_node_needs_and_nothing_of_the_caller()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        var spec = Jobs.Spec(attempt: 3);
        await using var attempt = session.Start(spec);

        var job = await node.JobAsync();

        Assert.Equal(("job_1", 3u, "m", Job.Types.Kind.Text), (job.JobId, job.Attempt, job.Model, job.Kind));
        Assert.Equal((7ul, 300_000u, (uint)LinkLimits.WindowBytes), (job.Seed, job.DeadlineMs, job.WindowBytes));
        Assert.Equal(spec.Request, job.Request.ToByteArray());
        Assert.Equal((uint)spec.Request.Length, job.RequestBytes);
        Assert.Equal(spec.Salt, job.Salt.ToByteArray());
    }

    [Fact]
    public async Task A_long_request_goes_in_parts_and_lets_other_jobs_pass()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        // More than the sockets between them hold, so that it cannot be gone before the quick one comes: the node reads only after that.
        var spec = Jobs.Spec("job_long", requestBytes: 96 * LinkLimits.RequestPartBytesMax);
        await using var slow = session.Start(spec);
        await using var quick = session.Start(Jobs.Spec("job_quick"));

        List<GatewayFrame> frames = [];
        while (frames.Sum(f => f.Job?.JobId == "job_long" ? f.Job.Request.Length : f.JobPart?.Request.Length ?? 0) < spec.Request.Length)
            frames.Add((await node.ReadAsync())!);

        var request = frames.SelectMany(f => f.Job?.JobId == "job_long" ? f.Job.Request : f.JobPart?.Request ?? Google.Protobuf.ByteString.Empty).ToArray();
        Assert.True(spec.Request.AsSpan().SequenceEqual(request));
        Assert.All(frames, f => Assert.True((f.Job?.Request ?? f.JobPart.Request).Length <= LinkLimits.RequestPartBytesMax));
        var at = frames.FindIndex(f => f.Job?.JobId == "job_quick");
        Assert.InRange(at, 1, frames.Count - 2);
        var job = frames[0].Job;
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, ScriptedNode.End());
        await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [ScriptedNode.End()], request: spec.Request) });
        Assert.IsType<AttemptItem.Done>((await slow.ReadAllAsync()).Last);
    }

    [Fact]
    public async Task A_cancel_reaches_the_node_and_its_signed_count_comes_back()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        await node.EventsAsync(job, 0, ScriptedNode.Text("Once"));

        attempt.Cancel("the client left");
        attempt.Cancel("twice is once");
        var cancel = (await node.ReadAsync(GatewayFrame.BodyOneofCase.Cancel)).Cancel;
        await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [ScriptedNode.Text("Once")], d => d.Cancelled = true) });

        Assert.Equal((job.JobId, 1u, "the client left"), (cancel.JobId, cancel.Attempt, cancel.Reason));
        var done = Assert.IsType<AttemptItem.Done>((await attempt.ReadAllAsync()).Last);
        Assert.True(done.Statement.Cancelled);
        Assert.Equal(1, done.Statement.CompletionTokens);
    }

    [Fact]
    public async Task An_attempt_that_nobody_waits_for_is_cancelled_and_holds_its_slot_until_the_node_ended_it()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();
        await node.AcceptAsync(job);

        await attempt.DisposeAsync();
        await node.ReadAsync(GatewayFrame.BodyOneofCase.Cancel);
        await node.EventsAsync(job, 0, ScriptedNode.Text("late"));
        Assert.Equal(1, session.Running);
        await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [ScriptedNode.Text("late")], d => d.Cancelled = true) });

        // The next job's frames come after the last one's on the same connection.
        await using var next = session.Start(Jobs.Spec("job_2"));
        await node.AnswerAsync(await node.JobAsync());
        Assert.IsType<AttemptItem.Done>((await next.ReadAllAsync()).Last);
        Assert.Equal(0, session.Running);
    }

    [Fact]
    public async Task A_node_that_ignores_its_cancel_loses_the_attempt_and_late_frames_are_dropped_and_counted()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        var job = await node.JobAsync();
        await node.AcceptAsync(job);
        Assert.Same(AttemptItem.Accepted.Instance, await attempt.ReadAsync(Ct));
        attempt.Cancel("the client left");

        host.Time.Advance(NodeLimits.OverdueGrace);
        await attempt.LostAsync(LostReason.Overdue);
        Assert.Equal(0, session.Running);
        await node.EventsAsync(job, 0, ScriptedNode.Text("late"));
        await node.SendAsync(new NodeFrame { Done = node.Done(job, 1, [ScriptedNode.Text("late")], d => d.Cancelled = true) });

        await node.ReadAsync(GatewayFrame.BodyOneofCase.Cancel);
        await using var next = session.Start(Jobs.Spec("job_2"));
        await node.AnswerAsync(await node.JobAsync());
        Assert.IsType<AttemptItem.Done>((await next.ReadAllAsync()).Last);
        Assert.Equal(2, session.LateFrames);
    }

    [Fact]
    public async Task A_node_past_its_deadline_is_cancelled_and_the_attempt_lost()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec() with { Deadline = TimeSpan.FromSeconds(2) });
        await node.JobAsync();

        host.Time.Advance(TimeSpan.FromSeconds(2) + NodeLimits.OverdueGrace);

        await attempt.LostAsync(LostReason.Overdue);
        await node.ReadAsync(GatewayFrame.BodyOneofCase.Cancel);
    }

    [Fact]
    public async Task Failures_and_rejections_reach_the_reader_without_control_characters()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var first = session.Start(Jobs.Spec("job_1"));
        await using var second = session.Start(Jobs.Spec("job_2"));
        var (one, two) = (await node.JobAsync(), await node.JobAsync());

        await node.SendAsync(new NodeFrame { Failed = new Failed { JobId = one.JobId, Attempt = 1, Code = Failed.Types.Code.Runtime, Message = "broke\r\n\u001b[2J\u202e" + new string('x', 5000), Retryable = true } });
        await node.SendAsync(new NodeFrame { Rejected = new Rejected { JobId = two.JobId, Attempt = 1, Reason = Rejected.Types.Reason.Busy, Message = "full\0" } });

        var failed = Assert.IsType<AttemptItem.Failed>((await first.ReadAllAsync()).Last).Frame;
        Assert.StartsWith("broke   [2J x", failed.Message, StringComparison.Ordinal);
        Assert.Equal(LinkLimits.MessageCharsMax, failed.Message.Length);
        Assert.True(failed.Retryable);
        Assert.Equal("full ", Assert.IsType<AttemptItem.Rejected>((await second.ReadAllAsync()).Last).Frame.Message);
        Assert.Equal(0, session.Running);
    }

    [Fact]
    public async Task A_node_that_dies_loses_its_attempts_at_once()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await node.JobAsync();

        node.Kill();

        await attempt.LostAsync(LostReason.LinkClosed);
        await host.Directory.WaitAsync(f => f.Models.IsEmpty, Ct);
        await using var after = session.Start(Jobs.Spec("job_2"));
        await after.LostAsync(LostReason.LinkClosed);
    }

    [Fact]
    public async Task A_node_that_falls_silent_loses_its_attempts()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        await node.JobAsync();

        host.Time.Advance(LinkLimits.SilenceMax + NodeLimits.Tick);

        await attempt.LostAsync(LostReason.Silence);
        Assert.Empty(host.Directory.Summaries());
        await node.ClosedAsync(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact]
    public async Task A_model_that_the_node_no_longer_offers_is_lost_at_once()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, session) = await host.AdmitAsync();

        await using var attempt = session.Start(Jobs.Spec(model: "other"));

        await attempt.LostAsync(LostReason.NotOffered);
        Assert.Equal(0, session.Running);
    }

    [Fact]
    public async Task The_same_attempt_twice_is_the_callers_bug()
    {
        await using var host = await LinkHost.StartAsync();
        var (_, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());

        Assert.Throws<ArgumentException>(() => session.Start(Jobs.Spec()));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_loses_nothing()
    {
        await using var host = await LinkHost.StartAsync();
        var (node, session) = await host.AdmitAsync();
        await using var attempt = session.Start(Jobs.Spec());
        using var impatient = new CancellationTokenSource();
        var read = attempt.ReadAsync(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);

        await node.AnswerAsync(await node.JobAsync());

        var (events, last) = await attempt.ReadAllAsync();
        Assert.Equal(3, events.Count);
        Assert.IsType<AttemptItem.Done>(last);
    }
}
