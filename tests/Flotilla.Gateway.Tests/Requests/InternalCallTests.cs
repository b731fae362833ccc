using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Flotilla.Core;
using Flotilla.Gateway.Calls;
using Flotilla.Gateway.Stages;
using Flotilla.Ledger;
using Flotilla.Testing.Nodes;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>A request that the gateway makes to itself is a request like any other.</summary>
public sealed partial class InternalCallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"seed\":1")]
    [InlineData("\"seed\":1,\"stream\":true,\"stream_options\":{\"include_usage\":true}")]
    [InlineData("\"max_tokens\":-1")]
    [InlineData("\"model\":\"twice\"")]
    public async Task It_gets_the_bytes_that_a_socket_gets(string more)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync(more);
        var answer = await gateway.App.Calls.RunAsync(Call(gateway, GatewayFixture.Chat(more)), Cancellation);

        Assert.True(answer.IsWhole);
        Assert.Equal((int)response.StatusCode, answer.Status);
        Assert.Equal(Plain(await response.Content.ReadAsStringAsync(Cancellation)), Plain(Encoding.UTF8.GetString(answer.Body.Span)));
        Assert.Equal(response.Content.Headers.ContentType!.ToString(), answer.Headers.ContentType.ToString());
        Assert.Equal(response.Headers.Contains("x-flotilla-job-id"), answer.Headers.ContainsKey("x-flotilla-job-id"));
        Assert.StartsWith("req_", answer.Headers["x-request-id"].ToString(), StringComparison.Ordinal);
        Assert.True(answer.Headers.ContainsKey("openai-processing-ms"));
    }

    [Fact]
    public async Task It_bears_the_ids_and_pays_the_part_that_it_was_given()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var (request, job) = (RequestId.New(SystemIdSource.Instance), JobId.New(SystemIdSource.Instance));
        var call = Call(gateway, GatewayFixture.Chat());

        var answer = await gateway.App.Calls.RunAsync(
            call with { Request = request, Job = job, Caller = call.Caller with { PriceBasisPoints = 5_000 } }, Cancellation);

        Assert.Equal(request.Value, answer.Headers["x-request-id"].ToString());
        Assert.Equal(job.Value, answer.Headers["x-flotilla-job-id"].ToString());
        var record = await gateway.App.Ledger.Jobs.FindAsync(job, gateway.Namespace, Cancellation);
        Assert.Equal(((7 * 10) + (4 * 40)) / 2, record!.Charge.Micro);
        Assert.Equal(request, record.Request);
    }

    [Fact]
    public async Task A_consumer_gets_each_flush_before_the_next_token_is_made()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", "two");
        var consumer = new Pieces();

        var calling = gateway.App.Calls.RunAsync(Call(gateway, GatewayFixture.Chat("\"stream\":true")), consumer, Cancellation);
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit();
        await consumer.UntilAsync("one");
        Assert.DoesNotContain("two", consumer.Text, StringComparison.Ordinal);
        run.Permit(2);

        Assert.True(await calling);
        Assert.EndsWith("data: [DONE]\n\n", consumer.Text, StringComparison.Ordinal);
        Assert.Equal(200, consumer.Status);
    }

    [Fact]
    public async Task A_cancelled_call_is_settled_for_what_was_delivered_when_it_returns()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one", "two");
        var consumer = new Pieces();
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var job = JobId.New(SystemIdSource.Instance);

        var calling = gateway.App.Calls.RunAsync(Call(gateway, GatewayFixture.Chat("\"stream\":true")) with { Job = job }, consumer, leave.Token);
        await consumer.UntilAsync("two");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);

        var record = await gateway.App.Ledger.Jobs.FindAsync(job, gateway.Namespace, Cancellation);
        Assert.Equal(JobStatus.Cancelled, record!.Status);
        Assert.InRange(record.Charge.Micro, 1, (7 * 10) + (2 * 40));
    }

    [Fact]
    public async Task A_consumer_that_fails_ends_the_call_and_settles_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        Assert.False(await gateway.App.Calls.RunAsync(Call(gateway, GatewayFixture.Chat("\"stream\":true")), new Pieces { Fails = true }, Cancellation));
    }

    [Fact]
    public async Task No_header_makes_a_socket_a_known_caller()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.SendAsync(HttpMethod.Post, "/v1/chat/completions", GatewayFixture.Chat(), key: null);

        Assert.Equal(401, (int)response.StatusCode);
    }

    private static InternalCall Call(GatewayFixture gateway, string body) => new()
    {
        Path = "/v1/chat/completions",
        Body = PipeReader.Create(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body))),
        Caller = new Caller(gateway.Namespace, gateway.App.Ledger.Keys.List(gateway.Namespace).Single().Id),
    };

    private static string Plain(string body) => Own().Replace(body, "$1");

    [GeneratedRegex("(\"id\":\"chatcmpl-|\"created\":)[0-9a-f]+")]
    private static partial Regex Own();

    private sealed class Pieces : ICallConsumer
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; init; }

        public int Status { get; private set; }

        public string Text
        {
            get
            {
                lock (_lock)
                    return _text.ToString();
            }
        }

        public void Begin(int status, IHeaderDictionary headers) => Status = status;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellation)
        {
            if (Fails)
                throw new IOException("The disk is full.");
            lock (_lock)
            {
                _text.Append(Encoding.UTF8.GetString(piece.Span));
                _more.TrySetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return ValueTask.CompletedTask;
        }

        public async Task UntilAsync(string text)
        {
            while (true)
            {
                Task more;
                lock (_lock)
                {
                    if (_text.ToString().Contains(text, StringComparison.Ordinal))
                        return;
                    more = _more.Task;
                }

                await more.WaitAsync(Cancellation);
            }
        }
    }
}
