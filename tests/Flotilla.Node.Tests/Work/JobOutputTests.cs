using Flotilla.Node.Links;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Node.Work;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Work;

public sealed class JobOutputTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_share_a_frame_while_the_socket_is_busy()
    {
        using var output = Output(tokensMax: 100);
        for (var i = 0; i < 50; i++)
            await output.EmitAsync(Token("word"), Ct);
        Assert.Equal(1u, output.Frames);
        await output.EmitAsync(Token(new string('x', NodeLimits.EventTextCharsMax)), Ct);
        Assert.Equal(1u, output.Frames);
        for (var i = 0; i < 4; i++)
            await output.EmitAsync(Token(new string('x', NodeLimits.EventTextCharsMax)), Ct);
        Assert.Equal(2u, output.Frames);
        Assert.Equal(55u, output.Tokens);
    }

    [Fact]
    public void A_frame_that_was_taken_takes_no_more()
    {
        var batch = new EventBatch(new JobEvents());
        Assert.True(batch.TryAdd(Token("a"), 8));
        var frame = batch.Take();
        Assert.False(batch.TryAdd(Token("b"), 8));
        Assert.Equal("a", Assert.Single(frame.Events.Events).Text.Text_);
    }

    [Fact]
    public async Task More_tokens_than_were_asked_for_are_the_runtimes_fault()
    {
        using var output = Output(tokensMax: 2);
        await output.EmitAsync(Token("a"), Ct);
        await output.EmitAsync(Token("b"), Ct);
        await Assert.ThrowsAsync<InvalidOperationException>(() => output.EmitAsync(Token("c"), Ct).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => output.EmitAsync(new Event { Tokens = { new TokenOutput() } }, Ct).AsTask());
    }

    [Fact]
    public async Task An_event_that_says_nothing_is_not_sent()
    {
        using var output = Output(tokensMax: 2);
        await output.EmitAsync(new Event { Text = new Text() }, Ct);
        await output.EmitAsync(new Event { ToolCall = new ToolCallDelta() }, Ct);
        Assert.Equal(0u, output.Frames);
        await output.EmitAsync(new Event { TokenCount = 1, Text = new Text() }, Ct);
        Assert.Equal(1u, output.Frames);
    }

    [Fact]
    public async Task A_closed_window_wakes_who_waits_and_lets_nothing_more_out()
    {
        var credit = new CreditWindow(100);
        await credit.TakeAsync(100, Ct);
        var waiting = credit.TakeAsync(1, Ct).AsTask();
        Assert.False(waiting.IsCompleted);
        credit.Close();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        credit.Grant(100);
        await Assert.ThrowsAsync<OperationCanceledException>(() => credit.TakeAsync(1, Ct).AsTask());
    }

    [Theory]
    [InlineData(100, 40, 100)]
    [InlineData(100, 100, 100)]
    [InlineData(100, 500, 100)]
    public async Task A_window_never_lets_more_out_than_it_holds_save_one_event_alone(int window, int bytes, int granted)
    {
        var credit = new CreditWindow(window);
        var sent = 0;
        var waiting = credit.TakeAsync(bytes, Ct).AsTask();
        for (; waiting.IsCompletedSuccessfully; waiting = credit.TakeAsync(bytes, Ct).AsTask())
            sent += bytes;
        Assert.InRange(sent, 1, Math.Max(window, bytes));
        credit.Grant((uint)sent + (uint)granted);
        await waiting;
    }

    [Fact]
    public async Task A_tool_call_without_a_chat_breaks_its_job_alone()
    {
        using var output = Output(tokensMax: 10, isChat: false);
        var call = new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Name = "f", Arguments = "{}" } };
        await Assert.ThrowsAsync<InvalidOperationException>(() => output.EmitAsync(call, Ct).AsTask());
    }

    private static JobOutput Output(uint tokensMax, bool isChat = true)
    {
        var output = new JobOutput(Jobs.Job(), new Outbox(1), TimeProvider.System);
        output.Expect(JobKind.Text, JobKind.Text.Shape(Jobs.Chat(maxTokens: tokensMax)) with { Tools = isChat ? new ToolTerms() : null });
        return output;
    }

    private static Event Token(string text) => new() { TokenCount = 1, Text = new Text { Text_ = text } };
}
