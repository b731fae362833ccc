using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.Gateway.Tests.Nodes;
using Flotilla.Ledger;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What an SDK sends again by itself, with its header and without a key: one execution, one charge.</summary>
public sealed class RetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true")]
    public async Task A_retry_reads_along_with_the_try_whose_client_has_left(string more)
    {
        var time = new WatchedTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        var run = await LeaveAsync(gateway, runtime, time, more);
        // Whoever runs anew is told something else.
        runtime.Script = Scripts.Answer("another");

        var retry = SendAsync(gateway, 1, more);
        run.Permit(3);
        using var answer = await retry;
        var said = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("one", said, StringComparison.Ordinal);
        Assert.DoesNotContain("another", said, StringComparison.Ordinal);
        Assert.Equal("true", answer.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task A_retry_reads_along_while_the_first_connection_only_seems_to_live()
    {
        await using var gateway = await GatewayFixture.StartAsync(time: new ManualTimeProvider());
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var first = SendAsync(gateway, 0);
        var run = await runtime.NextRunAsync(Cancellation);

        var retry = SendAsync(gateway, 1);
        run.Permit(2);
        using var one = await first;
        using var two = await retry;

        Assert.Equal(await one.Content.ReadAsStringAsync(Cancellation), await two.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task A_retry_finds_the_answer_for_a_moment_after_the_end_and_then_runs_anew()
    {
        var time = new WatchedTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var first = await SendAsync(gateway, 0);
        var said = await first.Content.ReadAsStringAsync(Cancellation);
        var charged = gateway.Balance.Posted;

        using (var retry = await SendAsync(gateway, 1))
            Assert.Equal(said, await retry.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(charged, gateway.Balance.Posted);

        await time.WhenSetAsync(GatewayLimits.AttachTime);
        time.Advance(GatewayLimits.AttachTime);
        while (await JobsAsync(gateway) == 1)
        {
            // The answer is forgotten by a timer's continuation, which may come a moment later.
            using var anew = await SendAsync(gateway, 1);
            Assert.Equal(HttpStatusCode.OK, anew.StatusCode);
            await anew.Content.ReadAsStringAsync(Cancellation);
        }

        Assert.True(gateway.Balance.Posted < charged);
    }

    [Fact]
    public async Task First_tries_and_other_requests_never_join()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var sibling = (await gateway.App.Ledger.Keys.CreateKeyAsync(gateway.Namespace, "sibling", KeyKind.Client, Cancellation)).Secret;

        foreach (var (tries, more, key) in new (int?, string, string?)[] { (0, "", null), (0, "", null), (null, "", null), (1, "\"seed\":1", null), (1, "", sibling) })
        {
            using var answer = await SendAsync(gateway, tries, more, key);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Idempotent-Replayed"));
            await answer.Content.ReadAsStringAsync(Cancellation);
        }

        Assert.Equal(5, await JobsAsync(gateway));
    }

    [Fact]
    public async Task What_failed_is_tried_anew()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "away", Retryable: false));
        using (var failed = await SendAsync(gateway, 0))
            Assert.Equal(503, (int)failed.StatusCode);

        runtime.Script = Scripts.Answer("better");
        using var retry = await SendAsync(gateway, 1);

        Assert.Contains("better", await retry.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("", 3)]
    [InlineData("\"stream\":true", 0)]
    [InlineData("\"stream\":true", 2)]
    [InlineData("\"stream\":true", 3)]
    public async Task A_run_to_which_nobody_comes_back_ends_and_costs_nothing_whatever_its_node_says_meanwhile(string more, int said)
    {
        var time = new WatchedTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        var run = await LeaveAsync(gateway, runtime, time, more);
        run.Permit(said);
        if (said == 3)
            await run.Ended.WaitAsync(Cancellation);
        else
            Assert.False(run.Cancelled.IsCompleted);
        var charged = gateway.Balance.Posted;

        time.Advance(GatewayLimits.AttachTime);

        using var jobs = await gateway.GetAsync("/v1/jobs");
        var job = await gateway.WhenSettledAsync((await GatewayFixture.JsonAsync(jobs)).GetProperty("data")[0].GetProperty("id").GetString()!);
        Assert.Equal(("cancelled", 0), (job.GetProperty("status").GetString(), job.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.Equal(charged, gateway.Balance.Posted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true")]
    public async Task A_retry_gets_and_pays_once_for_what_was_done_while_nobody_was_there(string more)
    {
        var time = new WatchedTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        var run = await LeaveAsync(gateway, runtime, time, more);
        run.Permit(3);
        await run.Ended.WaitAsync(Cancellation);
        var charged = gateway.Balance.Posted;

        using var retry = await SendAsync(gateway, 1, more);

        Assert.Contains("two", await retry.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var job = await gateway.WhenSettledAsync(retry.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal(("completed", 2), (job.GetProperty("status").GetString(), job.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.True(gateway.Balance.Posted < charged);
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task A_stream_that_was_begun_ends_with_its_client_and_is_charged_as_far_as_it_came()
    {
        await using var gateway = await GatewayFixture.StartAsync(time: new ManualTimeProvider());
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one ", "two ");
        var response = await SendAsync(gateway, 0, "\"stream\":true");
        var job = response.Headers.GetValues("x-flotilla-job-id").Single();
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation)))
        {
            while (!(await reader.ReadLineAsync(Cancellation))!.Contains("two ", StringComparison.Ordinal))
            {
            }
        }

        response.Dispose();
        var view = await gateway.WhenSettledAsync(job);

        Assert.Equal(("cancelled", 2), (view.GetProperty("status").GetString(), view.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_long_stream_of_an_SDK_goes_at_its_readers_pace_and_comes_whole()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        var words = Enumerable.Range(0, 2_000).Select(i => $" {i}").ToArray();
        runtime.Script = Scripts.Answer(words);

        using var response = await SendAsync(gateway, 0, "\"stream\":true,\"max_tokens\":4000");
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.True(text.Length > 4 * GatewayLimits.AttachBytesMax, $"{text.Length} bytes");
        Assert.All(words, word => Assert.Contains($"\"{word}\"", text, StringComparison.Ordinal));
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        // It was too long to be kept: a retry runs anew.
        using var retry = await SendAsync(gateway, 1, "\"stream\":true,\"max_tokens\":4000");
        await retry.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(2, await JobsAsync(gateway));
    }

    /// <summary>A first try whose client leaves before its node, which waits for permits, says anything.</summary>
    private static async Task<ScriptedRun> LeaveAsync(GatewayFixture gateway, ScriptedRuntime runtime, WatchedTimeProvider time, string more)
    {
        runtime.Script = Scripts.AnswerWhenPermitted("one", " two");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = SendAsync(gateway, 0, more, cancellation: timeout.Token);
        var run = await runtime.NextRunAsync(Cancellation);
        await timeout.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await time.WhenSetAsync(GatewayLimits.AttachTime);
        return run;
    }

    private static async Task<long> JobsAsync(GatewayFixture gateway) =>
        (await gateway.App.Ledger.Usage.SumAsync(new UsageQuery { Namespace = gateway.Namespace }, Cancellation)).Sum(row => row.Jobs);

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, int? tries, string more = "", string? key = null, CancellationToken? cancellation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(GatewayFixture.Chat(more), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? gateway.ApiKey);
        if (tries is { } count)
            request.Headers.Add("X-Stainless-Retry-Count", $"{count}");
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ?? Cancellation);
    }
}
