using System.Threading.Channels;
using Flotilla.Node.Links;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Node.Work;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Work;

/// <summary>What a gathering job holds back goes out in time, though no further event comes, and never after the job's last frame.</summary>
public sealed class GatherTimeTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Outbox _outbox = new(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gathered_text_goes_out_when_its_time_is_up()
    {
        using var output = Output();
        await output.EmitAsync(Token("a"), Ct);
        _time.Advance(NodeLimits.GatherTime / 2);
        await output.EmitAsync(Token("b"), Ct);
        _time.Advance((NodeLimits.GatherTime / 2) - TimeSpan.FromTicks(1));
        Assert.Equal((0u, 0u), (output.Frames, output.Tokens));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((1u, 2u), (output.Frames, output.Tokens));
        _time.Advance(NodeLimits.GatherTime);
        Assert.Equal((1u, 2u), (output.Frames, output.Tokens));

        await output.EmitAsync(Token("c"), Ct);
        Assert.Equal(2u, output.Tokens);
        _time.Advance(NodeLimits.GatherTime);
        Assert.Equal(3u, output.Tokens);
    }

    [Fact]
    public async Task Overdue_text_waits_for_credit_and_the_next_event_behind_it()
    {
        using var output = await ShutAsync();
        var next = output.EmitAsync(Token("c"), Ct).AsTask();
        Assert.False(next.IsCompleted);
        Assert.Equal(1u, output.Tokens);

        output.Grant(uint.MaxValue);
        await next;
        Assert.Equal(2u, output.Tokens);
        output.Grant(uint.MaxValue);
        await output.FlushAsync(Ct);
        Assert.Equal(3u, output.Tokens);
    }

    [Fact]
    public async Task Nothing_goes_out_after_the_end()
    {
        using var output = Output();
        await output.EmitAsync(Token("a"), Ct);
        await output.EndAsync();
        _time.Advance(NodeLimits.GatherTime);
        Assert.Equal((0u, 0u), (output.Frames, output.Tokens));
    }

    [Fact]
    public async Task Overdue_text_that_waits_for_credit_does_not_hold_up_the_end()
    {
        using var output = await ShutAsync();
        await output.EndAsync().AsTask().WaitAsync(Ct);
        output.Grant(uint.MaxValue);
        Assert.Equal((1u, 1u), (output.Frames, output.Tokens));
    }

    [Fact]
    public async Task A_link_that_went_away_meanwhile_is_met_by_the_next_event()
    {
        using var output = Output();
        await output.EmitAsync(Token("a"), Ct);
        _outbox.Complete();
        _time.Advance(NodeLimits.GatherTime);
        await Assert.ThrowsAsync<ChannelClosedException>(() => output.EmitAsync(Token("b"), Ct).AsTask());
        await Assert.ThrowsAsync<ChannelClosedException>(() => output.FlushAsync(Ct).AsTask());
    }

    [Fact]
    public async Task A_gathering_job_whose_runtime_pauses_sends_what_it_has_and_then_the_rest()
    {
        await using var scene = await Scene.StartAsync(time: _time);
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a", "b", "c");
        var job = Gathering(Jobs.Job());
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var run = await scene.Runtime.NextRunAsync(Ct);
        run.Permit(2);
        await run.WhenEmittedAsync(3, Ct);
        _time.Advance(NodeLimits.GatherTime);
        var frames = new List<NodeFrame>();
        await scene.ReadUntilAsync(f => Keep(f).Events?.Events.Any(e => e.Text is not null) == true);
        Assert.Equal("ab", new Answer(frames).Text);
        run.Permit(2);
        await scene.ReadUntilAsync(f => Keep(f).Done is not null);
        var answer = new Answer(frames);
        Assert.Equal("abc", answer.Text);
        Assert.Equal(Enumerable.Range(0, answer.Events.Count()).Select(i => (uint)i), answer.Events.Select(f => f.Events.Sequence));
        Assert.Equal(((uint)answer.Events.Count(), 3u), (answer.Done!.Frames, answer.Done.Usage.CompletionTokens));
        scene.AssertSigned(job, answer);

        NodeFrame Keep(NodeFrame frame)
        {
            frames.Add(frame);
            return frame;
        }
    }

    [Fact]
    public async Task A_cancelled_job_whose_overdue_text_waits_for_credit_counts_what_was_sent()
    {
        await using var scene = await Scene.StartAsync(time: _time);
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a");
        var job = Gathering(Jobs.Job(windowBytes: 1));
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var run = await scene.Runtime.NextRunAsync(Ct);
        run.Permit();
        await run.WhenEmittedAsync(2, Ct);
        _time.Advance(NodeLimits.GatherTime);
        await scene.Socket.SendAsync(Jobs.Cancel());
        var answer = await scene.ReadAnswerAsync();
        Assert.Equal((true, 1u, 0u), (answer.Done!.Cancelled, answer.Done.Frames, answer.Done.Usage.CompletionTokens));
        scene.AssertSigned(job, answer);
        Assert.Equal(0, scene.Node.Host.Running);
    }

    [Fact]
    public async Task Text_whose_time_is_up_while_the_last_frame_is_made_stays_back()
    {
        await using var scene = await Scene.StartAsync(time: new ClockThatRuns(_time));
        scene.Runtime.Script = Scripts.AnswerThenHang("a");
        var job = Gathering(Jobs.Job());
        await scene.Socket.SendAsync(Jobs.Frame(job));
        await (await scene.Runtime.NextRunAsync(Ct)).WhenEmittedAsync(1, Ct);
        await scene.Socket.SendAsync(Jobs.Cancel());
        var answer = await scene.ReadAnswerAsync();
        Assert.Empty(answer.Events);
        Assert.Equal((true, 0u), (answer.Done!.Cancelled, answer.Done.Frames));
        scene.AssertSigned(job, answer);
    }

    /// <summary>An output that sent one token, and whose second is overdue and waits for credit.</summary>
    private async Task<JobOutput> ShutAsync()
    {
        var output = Output(windowBytes: 1);
        await output.EmitAsync(Token("a"), Ct);
        _time.Advance(NodeLimits.GatherTime);
        await output.EmitAsync(Token("b"), Ct);
        _time.Advance(NodeLimits.GatherTime);
        return output;
    }

    private JobOutput Output(uint windowBytes = LinkLimits.WindowBytes)
    {
        var output = new JobOutput(Gathering(Jobs.Job(windowBytes: windowBytes)), _outbox, _time);
        output.Expect(JobKind.Text, JobKind.Text.Shape(Jobs.Chat()));
        return output;
    }

    private static Job Gathering(Job job)
    {
        job.Gather = true;
        return job;
    }

    private static Event Token(string text) => new() { TokenCount = 1, Text = new Text { Text_ = text } };

    /// <summary>Time passes where a job's end is dated: after its frames were counted.</summary>
    private sealed class ClockThatRuns(ManualTimeProvider time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);

        public override DateTimeOffset GetUtcNow()
        {
            time.Advance(NodeLimits.GatherTime);
            return time.GetUtcNow();
        }
    }
}
