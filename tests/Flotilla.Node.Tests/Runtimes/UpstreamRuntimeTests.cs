using System.Text;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

public sealed class UpstreamRuntimeTests
{
    private const string Hello = """{"choices":[{"index":0,"delta":{"content":"Hello"}}]}""";
    private const string World = """{"choices":[{"index":0,"delta":{"content":" world"}}]}""";
    private const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1}}}""";
    private const string Key = "sk-secret-upstream-key";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_becomes_events_and_usage()
    {
        await using var server = new ScriptedServer(ScriptedServer.EventStream(Hello, World, Stop, Usage, "[DONE]"));
        var (result, output) = await RunAsync(server);
        Assert.Null(result.Failure);
        Assert.Equal("Hello world", output.Text);
        Assert.Equal(ChoiceDone.Types.Finish.Stop, output.Events[^1].ChoiceDone.Finish);
        Assert.Equal(new Usage { PromptTokens = 9, CompletionTokens = 5, CachedTokens = 3, ReasoningTokens = 1 }, result.Usage);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/chat/completions HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {Key}", request, StringComparison.Ordinal);
        Assert.Contains("\"model\":\"theirs\"", request, StringComparison.Ordinal);
        Assert.Contains("\"stream\":true", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"END\"", "END")]
    [InlineData("\"made up\"", "")]
    [InlineData("128001", "")]
    [InlineData("null", "")]
    public async Task The_stop_text_that_a_server_names_is_told_where_it_is_one_of_the_requests(string reason, string stop)
    {
        await using var server = new ScriptedServer(ScriptedServer.EventStream(Hello, Stop.Replace("}]}", $",\"stop_reason\":{reason}}}]}}", StringComparison.Ordinal), "[DONE]"));
        var work = Jobs.Chat();
        work.Stop.Add("END");
        using var runtime = Runtime(server);
        var output = new CollectingOutput();
        var result = await runtime.RunAsync(Request() with { Work = work, Shape = JobKind.Text.Shape(work) }, output, Ct);
        Assert.Null(result.Failure);
        Assert.Equal(stop, output.Events[^1].ChoiceDone.Stop);
    }

    public static TheoryData<string, string, string, uint> Endings => new()
    {
        { "no usage: the deltas are counted", ScriptedServer.EventStream(Hello, World, Stop, "[DONE]"), "Hello world", 2 },
        { "no [DONE]: every choice has ended", ScriptedServer.EventStream(Hello, World, Stop), "Hello world", 2 },
        { "no reason, but [DONE]", ScriptedServer.EventStream(Hello, "[DONE]"), "Hello", 1 },
        { "cut after the end", ScriptedServer.CutStream(Hello, Stop), "Hello", 1 },
        { "a reason that nobody knows", ScriptedServer.EventStream(Hello, Stop.Replace("stop", "eos_token_found", StringComparison.Ordinal), "[DONE]"), "Hello", 1 },
        { "comments and empty events", ScriptedServer.EventStream(Hello).Replace("data: ", ": processing\n\n\n\nevent: x\ndata: ", StringComparison.Ordinal) + $"data: {Stop}\n\n", "Hello", 1 },
        { "usage beyond max_tokens is cut to it", ScriptedServer.EventStream(Hello, Stop, """{"choices":[],"usage":{"prompt_tokens":4000000000,"completion_tokens":4000000000}}"""), "Hello", 100 },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task An_answer_that_is_odd_but_whole_is_taken(string what, string answer, string text, uint tokens)
    {
        await using var server = new ScriptedServer(answer);
        var (result, output) = await RunAsync(server);
        Assert.True(result.Failure is null, what);
        Assert.Equal((text, tokens), (output.Text, result.Usage.CompletionTokens));
        Assert.Single(output.Events, e => e.ChoiceDone is not null);
        Assert.InRange(result.Usage.PromptTokens, 0u, 5000u);
    }

    public static TheoryData<string, string, Code> Failures => new()
    {
        { "cut in the middle, chunked", ScriptedServer.CutStream(Hello), Code.Unavailable },
        { "cut in the middle, by connection", ScriptedServer.EventStream(Hello), Code.Unavailable },
        { "cut before anything", "", Code.Unavailable },
        { "cut in the head", "HTTP/1.1 200 OK\r\nContent-Ty", Code.Unavailable },
        { "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", Code.Unavailable },
        { "bad JSON", ScriptedServer.EventStream(Hello, """{"choices":[{"""), Code.Runtime },
        { "JSON of another shape", ScriptedServer.EventStream("""{"choices":17}"""), Code.Runtime },
        { "a choice that was not asked for", ScriptedServer.EventStream(Hello.Replace("\"index\":0", "\"index\":7", StringComparison.Ordinal)), Code.Runtime },
        { "nesting", ScriptedServer.EventStream(new string('[', 60_000)), Code.Runtime },
        { "an error inside the stream", ScriptedServer.EventStream(Hello, """{"error":{"message":"CUDA out of memory at secret-folder","code":500}}"""), Code.Runtime },
        { "another content type", ScriptedServer.Http(200, "text/html", "<html>"), Code.Runtime },
        { "JSON instead of a stream", ScriptedServer.Http(200, "application/json", """{"choices":[]}"""), Code.Runtime },
        { "400", ScriptedServer.Http(400, "application/json", $$$"""{"error":{"message":"bad temperature {{{Key}}}","param":"temperature"}}"""), Code.InvalidRequest },
        { "400 context", ScriptedServer.Http(400, "application/json", """{"error":{"message":"x","code":"context_length_exceeded"}}"""), Code.ContextLength },
        { "400 context, vLLM", ScriptedServer.Http(400, "application/json", """{"object":"error","message":"This model's maximum context length is 16 tokens."}"""), Code.ContextLength },
        { "400 without a body", ScriptedServer.Http(400, "text/plain", ""), Code.InvalidRequest },
        { "401", ScriptedServer.Http(401, "application/json", $$$"""{"error":{"message":"Incorrect API key: {{{Key}}}"}}"""), Code.Unavailable },
        { "403", ScriptedServer.Http(403, "application/json", "{}"), Code.Unavailable },
        { "404", ScriptedServer.Http(404, "application/json", """{"detail":"Not Found"}"""), Code.Unavailable },
        { "429", ScriptedServer.Http(429, "application/json", "{}"), Code.Unavailable },
        { "500", ScriptedServer.Http(500, "text/html", "<h1>Traceback</h1>"), Code.Runtime },
        { "503", ScriptedServer.Http(503, "text/plain", "loading"), Code.Unavailable },
        { "a redirect", ScriptedServer.Http(307, "text/plain", "", "Location: http://127.0.0.1:9/steal\r\n"), Code.Unavailable },
        { "a body that is no text", ScriptedServer.Http(500, "application/octet-stream", "\0\u0001"), Code.Runtime },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task An_upstream_that_misbehaves_fails_its_job_alone(string what, string answer, Code code)
    {
        await using var server = new ScriptedServer(answer);
        var (result, _) = await RunAsync(server);
        Assert.True(result.Failure?.Code == code, $"{what}: {result.Failure}");
        Assert.Equal(code is Code.Unavailable or Code.Runtime, result.Failure!.Retryable);
        Assert.DoesNotContain(Key, result.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-folder", result.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        var server = new ScriptedServer("");
        await server.DisposeAsync();
        var (result, _) = await RunAsync(server);
        Assert.Equal((Code.Unavailable, true), (result.Failure!.Code, result.Failure.Retryable));
    }

    [Fact]
    public async Task A_line_without_end_is_refused_and_the_connection_dropped()
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ScriptedServer.EventStream() + "data: "), ct);
            var junk = new byte[64 * 1024];
            Array.Fill(junk, (byte)'x');
            while (true)
                await stream.WriteAsync(junk, ct);
        });
        var (result, _) = await RunAsync(server);
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task An_answer_that_does_not_stop_is_stopped()
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ScriptedServer.EventStream()), ct);
            var chunk = Encoding.UTF8.GetBytes($"data: {Hello.Replace("Hello", new string('x', 4000), StringComparison.Ordinal)}\n\n");
            while (true)
                await stream.WriteAsync(chunk, ct);
        });
        var (result, output) = await RunAsync(server);
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.InRange(output.Events.Sum(e => e.TokenCount), 1, 100);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_ends_a_job(bool afterFirstEvent)
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            if (afterFirstEvent)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(ScriptedServer.EventStream(Hello)), ct);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });
        var time = new ManualTimeProvider();
        using var runtime = Runtime(server, time);
        var output = new CollectingOutput();
        var running = runtime.RunAsync(Request(), output, Ct);
        await server.RequestAsync();
        if (afterFirstEvent)
            await output.First.WaitAsync(Ct);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal(UpstreamFailures.Silent, (await running).Failure);
    }

    [Fact]
    public async Task A_cancelled_job_drops_its_connection()
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ScriptedServer.EventStream(Hello)), ct);
            while (await stream.ReadAsync(new byte[1], ct) > 0)
            {
            }

            throw new IOException("dropped");
        });
        using var runtime = Runtime(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var output = new CollectingOutput();
        var running = runtime.RunAsync(Request(), output, cancel.Token);
        await output.First.WaitAsync(Ct);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task Events_that_a_gateway_would_not_take_are_mended()
    {
        const string Call = """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"böse id\n","function":{"name":"f","arguments":"{}"}}]}}]}""";
        const string Logprob = """{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1e999,"top_logprobs":[{"token":"b"}]}]}}]}""";
        await using var server = new ScriptedServer(ScriptedServer.EventStream(Logprob, Call, Stop, "[DONE]"));
        var (result, output) = await RunAsync(server);
        Assert.Null(result.Failure);
        var token = Assert.Single(output.Events[0].Tokens);
        Assert.True(float.IsFinite(token.Logprob) && float.IsFinite(Assert.Single(token.Top).Logprob));
        Assert.Equal("", output.Events[1].ToolCall.Id);
    }

    [Fact]
    public async Task A_server_that_forgets_n_or_logprobs_fails_by_their_name_and_never_with_an_empty_answer()
    {
        const string Thought = """{"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":"hm"}}]}""";
        const string Told = """{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1}]}}]}""";
        foreach (var (answer, choices, logprobs, param) in new[]
        {
            (ScriptedServer.EventStream(Hello, Stop, "[DONE]"), 2u, false, "n"),
            (ScriptedServer.EventStream(Hello, "[DONE]"), 2u, false, "n"),
            (ScriptedServer.EventStream(Hello, Stop, "[DONE]"), 1u, true, "logprobs"),
            (ScriptedServer.EventStream(Thought, Hello, Stop, "[DONE]"), 1u, true, "logprobs"),
            (ScriptedServer.EventStream(Told, World, Stop, "[DONE]"), 1u, true, null),
        })
        {
            await using var server = new ScriptedServer(answer);
            var work = Jobs.Chat();
            work.Choices = choices;
            if (logprobs)
                work.TopLogprobs = 0;
            using var runtime = Runtime(server);
            var result = await runtime.RunAsync(Request() with { Work = work, Shape = JobKind.Text.Shape(work) }, new CollectingOutput(), Ct);
            Assert.Equal(param, result.Failure?.Param);
            Assert.True(param is null || result.Failure!.Code == Code.Unsupported);
        }
    }

    [Theory]
    [InlineData("""{"object":"list","data":[{"id":"b","max_model_len":4096},{"id":"a"},{"no":"id"},7]}""", "a:0 b:4096")]
    [InlineData("""{"data":[]}""", "")]
    public async Task All_listed_models_are_offered(string list, string offered)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", list));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        var state = await runtime.ProbeAsync(Ct);
        Assert.Null(state.Problem);
        Assert.Equal(offered, string.Join(' ', state.Models.Select(m => $"{m.Name}:{m.ContextTokens}")));
        Assert.All(state.Models, m => Assert.Equal("upstream", m.Runtime));
        Assert.DoesNotContain("Authorization", await server.RequestAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, true)]
    [InlineData(401, false)]
    [InlineData(500, false)]
    [InlineData(302, false)]
    public async Task Named_models_need_no_list_but_a_server_that_takes_us(int status, bool well)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(status, "text/plain", ""));
        using var runtime = Runtime(server);
        var state = await runtime.ProbeAsync(Ct);
        Assert.Equal(well, state.Problem is null);
        Assert.Equal(well ? [Jobs.Model] : [], state.Models.Select(m => m.Name));
        Assert.DoesNotContain(Key, state.Problem ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no list", "{}")]
    [InlineData("no JSON", "<html>")]
    public async Task A_list_that_is_none_is_a_problem(string what, string body)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", body));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        Assert.True((await runtime.ProbeAsync(Ct)).Problem is not null, what);
    }

    [Fact]
    public void All_errors_of_the_options_are_told_without_the_key()
    {
        var errors = UpstreamOptionsValidator.Errors(new UpstreamOptions
        {
            BaseUrl = new Uri("ftp://x"),
            ApiKey = "secret key",
            Models = new Dictionary<string, string> { ["böse"] = "" },
            Capabilities = ["chat", "sees things"],
            ContextTokens = -1,
            IdleTimeout = TimeSpan.Zero,
        });
        Assert.Equal(7, errors.Count);
        Assert.DoesNotContain(errors, e => e.Contains("secret", StringComparison.Ordinal));
    }

    private static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(ScriptedServer server)
    {
        using var runtime = Runtime(server);
        var output = new CollectingOutput();
        return (await runtime.RunAsync(Request(), output, Ct), output);
    }

    private static UpstreamRuntime Runtime(ScriptedServer server, TimeProvider? time = null) =>
        new(new UpstreamOptions { BaseUrl = server.Url, ApiKey = Key, Models = new Dictionary<string, string> { [Jobs.Model] = "theirs" } }, time: time);

    private static RunRequest Request() => new()
    {
        JobId = "job_1",
        Model = new Model { Name = Jobs.Model },
        Kind = JobKind.Text,
        Work = Jobs.Chat(),
        Shape = JobKind.Text.Shape(Jobs.Chat()),
        Seed = 1,
        Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
    };
}
