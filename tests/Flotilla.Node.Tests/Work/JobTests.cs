using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Work;

public sealed class JobTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_accepted_done_and_signed()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job()));
        var answer = await scene.ReadAnswerAsync();
        Assert.Equal(NodeFrame.BodyOneofCase.Accepted, answer.Frames[0].BodyCase);
        Assert.Equal("Hello, world!", answer.Text);
        Assert.Equal(Scripts.PromptLength, answer.Done!.Usage.PromptTokens);
        Assert.Equal(4u, answer.Done.Usage.CompletionTokens);
        Assert.Equal((uint)answer.Events.Count(), answer.Done.Frames);
        Assert.False(answer.Done.Cancelled);
        scene.AssertSigned(Jobs.Job(), answer);
    }

    [Fact]
    public async Task Several_choices_are_signed_in_their_order()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job(request: Jobs.Chat(choices: 3));
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var answer = await scene.ReadAnswerAsync();
        Assert.Equal(12u, answer.Done!.Usage.CompletionTokens);
        scene.AssertSigned(job, answer);
    }

    [Fact]
    public async Task No_prompt_counts_for_more_than_the_models_context()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job(request: Jobs.Chat(new string('x', 10_000)))));
        var run = (await scene.Runtime.NextRunAsync(Ct)).Request;
        Assert.Equal(run.Model.ContextTokens, run.Shape.InputUnitsMax);
    }

    [Fact]
    public async Task Frames_of_two_jobs_interleave()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a", "b");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_1")));
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_2")));
        var first = await scene.Runtime.NextRunAsync(Ct);
        var second = await scene.Runtime.NextRunAsync(Ct);
        var order = new List<string>();
        await scene.ReadUntilAsync(f => f.Events?.Events.Any(e => e.BodyCase == Event.BodyOneofCase.PromptReady) == true, times: 2);
        foreach (var run in new[] { first, second, first, second })
        {
            run.Permit();
            order.Add((await scene.ReadUntilAsync(f => f.BodyCase == NodeFrame.BodyOneofCase.Events)).Events.JobId);
        }

        Assert.Equal([first.Request.JobId, second.Request.JobId, first.Request.JobId, second.Request.JobId], order);
        second.Permit();
        Assert.Equal(second.Request.JobId, (await scene.ReadUntilAsync(f => f.Done is not null)).Done.JobId);
        first.Permit();
        Assert.Equal(first.Request.JobId, (await scene.ReadUntilAsync(f => f.Done is not null)).Done.JobId);
    }

    [Fact]
    public async Task A_shut_window_pauses_its_job_alone_until_credit_comes()
    {
        await using var scene = await Scene.StartAsync();
        var item = new Event { TokenCount = 1, Text = new Text { Text_ = "x" } };
        var bytes = item.CalculateSize();
        scene.Runtime.Script = Scripts.Events(new Usage { CompletionTokens = 6 }, item, item, item, item, item, item, Ended());
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_slow", windowBytes: (uint)(2 * bytes))));
        var slow = await scene.Runtime.NextRunAsync(Ct);
        await slow.WhenEmittedAsync(2, Ct);

        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_fast")));
        await scene.ReadUntilAsync(f => f.Done?.JobId == "job_fast");
        Assert.Equal(2, slow.Events);

        await scene.Socket.SendAsync(Jobs.Credit((uint)bytes, "job_slow"));
        await slow.WhenEmittedAsync(3, Ct);
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_other")));
        await scene.ReadUntilAsync(f => f.Done?.JobId == "job_other");
        Assert.Equal(3, slow.Events);

        while (!slow.Ended.IsCompleted)
        {
            await scene.Socket.SendAsync(Jobs.Credit((uint)bytes, "job_slow"));
            await Task.WhenAny(slow.Ended, slow.WhenEmittedAsync(slow.Events + 1, Ct));
        }

        Assert.Equal(6u, (await scene.ReadUntilAsync(f => f.Done?.JobId == "job_slow")).Done.Usage.CompletionTokens);
    }

    [Fact]
    public async Task A_cancelled_job_stops_its_runtime_and_counts_what_was_sent()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.AnswerThenHang("a", "b", "c");
        var job = Jobs.Job();
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var run = await scene.Runtime.NextRunAsync(Ct);
        await run.WhenEmittedAsync(3, Ct);
        await scene.Socket.SendAsync(Jobs.Cancel());
        await scene.Socket.SendAsync(Jobs.Cancel());
        var answer = await scene.ReadAnswerAsync();
        Assert.True(answer.Done!.Cancelled);
        Assert.Equal(3u, answer.Done.Usage.CompletionTokens);
        await run.Cancelled.WaitAsync(Ct);
        scene.AssertSigned(job, answer);
    }

    [Fact]
    public async Task A_job_that_waits_for_credit_can_be_cancelled()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job(windowBytes: 1);
        await scene.Socket.SendAsync(Jobs.Frame(job));
        await (await scene.Runtime.NextRunAsync(Ct)).WhenEmittedAsync(1, Ct);
        await scene.Socket.SendAsync(Jobs.Cancel());
        Assert.True((await scene.ReadAnswerAsync()).Done!.Cancelled);
        Assert.Equal(0, scene.Node.Host.Running);
    }

    [Fact]
    public async Task A_request_in_parts_is_put_together()
    {
        await using var scene = await Scene.StartAsync();
        var request = Jobs.Chat(new string('p', 300_000));
        var whole = request.ToByteString();
        var job = Jobs.Job(request: request);
        job.Request = ByteString.CopyFrom(whole.Span[..LinkLimits.RequestPartBytesMax]);
        await scene.Socket.SendAsync(Jobs.Frame(job));
        for (var at = LinkLimits.RequestPartBytesMax; at < whole.Length; at += LinkLimits.RequestPartBytesMax)
        {
            var part = whole.Span[at..Math.Min(at + LinkLimits.RequestPartBytesMax, whole.Length)];
            await scene.Socket.SendAsync(new GatewayFrame { JobPart = new JobPart { JobId = "job_1", Attempt = 1, Request = ByteString.CopyFrom(part) } });
        }

        var run = await scene.Runtime.NextRunAsync(Ct);
        Assert.Equal(request, run.Request.Work);
        Assert.Equal(ulong.MaxValue, run.Request.Seed);
        scene.AssertSigned(Jobs.Job(request: request), await scene.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_job_that_is_cancelled_before_its_request_arrived_fails()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job();
        job.RequestBytes++;
        await scene.Socket.SendAsync(Jobs.Frame(job));
        await scene.ReadUntilAsync(f => f.Accepted is not null);
        await scene.Socket.SendAsync(Jobs.Cancel());
        Assert.Equal(Failed.Types.Code.Unavailable, (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed.Code);
    }

    [Fact]
    public async Task A_deadline_ends_a_job()
    {
        var time = new ManualTimeProvider();
        await using var scene = await Scene.StartAsync(time: time);
        scene.Runtime.Script = Scripts.AnswerThenHang("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job(deadlineMs: 1500)));
        var run = await scene.Runtime.NextRunAsync(Ct);
        await run.WhenEmittedAsync(1, Ct);
        time.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.False(run.Cancelled.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var failed = (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed;
        Assert.Equal((Failed.Types.Code.Deadline, 1500ul), (failed.Code, failed.Limit));
    }

    [Fact]
    public async Task Slots_bound_the_jobs_and_are_free_when_the_last_frame_arrives()
    {
        await using var scene = await Scene.StartAsync(slots: 2);
        scene.Runtime.Script = Scripts.AnswerWhenPermitted("a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_1")));
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_2")));
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_3")));
        var rejected = (await scene.ReadUntilAsync(f => f.Rejected is not null)).Rejected;
        Assert.Equal(("job_3", Rejected.Types.Reason.Busy), (rejected.JobId, rejected.Reason));

        for (var i = 4; i < 24; i++)
        {
            (await scene.Runtime.NextRunAsync(Ct)).Permit(2);
            await scene.ReadUntilAsync(f => f.Done is not null);
            await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job($"job_{i}")));
            Assert.Equal($"job_{i}", (await scene.ReadUntilAsync(f => f.Accepted is not null || f.Rejected is not null)).Accepted?.JobId);
        }
    }

    [Fact]
    public async Task What_the_node_cannot_do_is_rejected()
    {
        await using var scene = await Scene.StartAsync();
        var strange = Jobs.Job("job_strange");
        strange.Kind = (Job.Types.Kind)9;
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_unknown", model: "nobody's")));
        await scene.Socket.SendAsync(Jobs.Frame(strange));
        Assert.Equal(Rejected.Types.Reason.UnknownModel, (await scene.ReadUntilAsync(f => f.Rejected is not null)).Rejected.Reason);
        Assert.Equal(Rejected.Types.Reason.Unsupported, (await scene.ReadUntilAsync(f => f.Rejected is not null)).Rejected.Reason);
    }

    public static TheoryData<string, Action<TextRequest>, string> Wrong => new()
    {
        { "no input", r => r.ClearInput(), "messages" },
        { "no message", r => r.Chat = new Chat(), "messages" },
        { "no prompt", r => r.Prompts = new Prompts(), "prompt" },
        { "an empty prompt", r => r.Prompts = new Prompts { Items = { new Prompt() } }, "prompt" },
        { "no tokens", r => r.MaxTokens = 0, "max_tokens" },
        { "no choices", r => r.Choices = 0, "n" },
        { "too many choices", r => r.Choices = uint.MaxValue, "n" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_request_that_no_runtime_could_take_fails_with_its_field(string what, Action<TextRequest> change, string param)
    {
        await using var scene = await Scene.StartAsync();
        var request = Jobs.Chat();
        change(request);
        // Not even an empty request is zero bytes long on the wire.
        request.Stop.Add("s");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job(request: request)));
        var failed = (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed;
        Assert.True((failed.Code, failed.Param, failed.Retryable) == (Failed.Types.Code.InvalidRequest, param, false), what);
    }

    [Fact]
    public async Task Bytes_that_are_no_request_fail()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job();
        (job.Request, job.RequestBytes) = (ByteString.CopyFrom(0xFF, 0xFF), 2);
        await scene.Socket.SendAsync(Jobs.Frame(job));
        Assert.Equal(Failed.Types.Code.InvalidRequest, (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed.Code);
    }

    [Fact]
    public async Task A_failure_is_told_and_a_thrown_one_keeps_its_text_at_home()
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.ContextLength, "too long", Retryable: false) { Limit = 10, Value = 11, Param = "messages" });
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_1")));
        var told = (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed;
        Assert.Equal(("too long", "messages", 10ul, 11ul), (told.Message, told.Param, told.Limit, told.Value));

        scene.Runtime.Script = Scripts.Throw(new InvalidDataException("the secret folder"), "a");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_2")));
        var thrown = (await scene.ReadUntilAsync(f => f.Failed is not null)).Failed;
        Assert.Equal(Failed.Types.Code.Runtime, thrown.Code);
        Assert.DoesNotContain("secret", thrown.Message, StringComparison.Ordinal);

        scene.Runtime.Script = Scripts.Answer("still here");
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job("job_3")));
        Assert.Equal("still here", (await scene.ReadAnswerAsync()).Text);
    }

    public static TheoryData<string, Event[]> BrokenEvents => new()
    {
        { "a choice that was not asked for", [new Event { Choice = 1, Text = new Text { Text_ = "x" } }] },
        { "text after the end", [Ended(), new Event { Text = new Text { Text_ = "x" } }] },
        { "a tool with an endless name", [new Event { ToolCall = new ToolCallDelta { Name = new string('n', 200) } }] },
        { "tool calls without end", [new Event { ToolCall = new ToolCallDelta { Index = 128, Name = "f" } }] },
        { "more text than its tokens can be", [new Event { Text = new Text { Text_ = new string('x', 200_000) } }] },
        { "no end", [new Event { Text = new Text { Text_ = "x" } }] },
    };

    [Theory]
    [MemberData(nameof(BrokenEvents))]
    public async Task A_runtime_that_breaks_the_rules_fails_its_job(string what, Event[] events)
    {
        await using var scene = await Scene.StartAsync();
        scene.Runtime.Script = Scripts.Events(new Usage(), events);
        await scene.Socket.SendAsync(Jobs.Frame(Jobs.Job(request: Jobs.ChatWithTool())));
        Assert.True((await scene.ReadUntilAsync(f => f.Failed is not null)).Failed.Code == Failed.Types.Code.Runtime, what);
    }

    [Fact]
    public async Task Resumed_tokens_reach_the_runtime_by_choice()
    {
        await using var scene = await Scene.StartAsync();
        var job = Jobs.Job(request: Jobs.Chat(choices: 2));
        job.Resume.Add(new Resume { Choice = 1, TokenIds = { 5, 6 } });
        job.Resume.Add(new Resume { Choice = 0 });
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var resume = (await scene.Runtime.NextRunAsync(Ct)).Request.Resume;
        Assert.Equal([5u, 6u], Assert.Single(resume).Value);
    }

    [Fact]
    public async Task A_huge_text_is_cut_into_frames_and_nothing_of_it_is_lost()
    {
        await using var scene = await Scene.StartAsync();
        var text = string.Concat(Enumerable.Repeat("a\U0001F600", 30_000));
        scene.Runtime.Script = Scripts.Events(new Usage { CompletionTokens = 1 }, new Event { TokenCount = 1, Text = new Text { Text_ = text } }, Ended());
        var job = Jobs.Job();
        await scene.Socket.SendAsync(Jobs.Frame(job));
        var answer = await scene.ReadAnswerAsync();
        Assert.Equal(text, answer.Text);
        Assert.All(answer.Events, f => Assert.InRange(LinkCodec.EventBytes(f.Events), 1, NodeLimits.EventFrameBytes));
        scene.AssertSigned(job, answer);
    }

    private static Event Ended() => new() { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };
}
