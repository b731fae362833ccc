using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Api;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Every answer of every operation, and every event, is what the document says. The looking is done by <see cref="ContractHandler"/>, below the client of every test.</summary>
public sealed class ContractTests
{
    private const string Unknown = "no-such-thing";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_that_the_document_has_was_given_and_fits()
    {
        await using var gateway = await StartAsync();
        var contract = await gateway.ContractAsync();
        var ids = await PostAllAsync(gateway, contract);
        await DeferAllAsync(gateway, contract, ids);
        foreach (var video in new[] { ids["videos"], ids["generations"] })
            (await gateway.GetAsync($"/v1/videos/{video}?wait=60")).Dispose();
        var operations = contract.Operations.Select(one => one.Name.Split(' ')).Where(one => one[0] is not "POST" || one[1].Contains('{', StringComparison.Ordinal));
        // What shows a thing comes before what ends it, and both before what deletes it.
        foreach (var operation in operations.OrderBy(one => Array.IndexOf(["GET", "POST", "DELETE"], one[0])))
        {
            using var response = await gateway.SendAsync(new HttpMethod(operation[0]), Filled(operation, ids), operation[0] == "POST" ? "" : null, gateway.ApiKey);
            Assert.True(response.IsSuccessStatusCode, $"{operation[0]} {operation[1]}: {await response.Content.ReadAsStringAsync(Cancellation)}");
        }

        Assert.Empty(contract.Answers.Except(gateway.Answered));
    }

    [Fact]
    public async Task Every_operation_refuses_in_the_envelope_of_its_dialect()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        foreach (var (name, _) in (await gateway.ContractAsync()).Operations)
        {
            var (method, path) = (name.Split(' ')[0], name.Split(' ')[1].Replace("{id}", Unknown, StringComparison.Ordinal).Replace("{model}", Unknown, StringComparison.Ordinal));
            using var stranger = await gateway.SendAsync(new HttpMethod(method), path, method == "POST" ? "{" : null, "sk-flt-wrong");
            using var wrong = await gateway.SendAsync(new HttpMethod(method), path + "?limit=x&wait=x&region=x&from=x&id=", method == "POST" ? "{" : null, gateway.ApiKey);
            Assert.True(path == "/v1/catalog" || stranger.StatusCode == HttpStatusCode.Unauthorized, $"{name}: {stranger.StatusCode}");
            Assert.True(wrong.IsSuccessStatusCode ? method == "GET" : (int)wrong.StatusCode is 400 or 404, $"{name}: {wrong.StatusCode}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_calls_and_log_probabilities_fit_in_every_dialect(bool streamed)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfEverything(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = run =>
        {
            var events = Rich(run.Text);
            return Scripts.Events(new Usage { PromptTokens = 3, CompletionTokens = (uint)events.Sum(e => e.TokenCount) }, events)(run);
        };
        foreach (var (path, body) in new[]
        {
            ("/v1/chat/completions", GatewayFixture.Chat($"\"logprobs\":true,\"top_logprobs\":2{(streamed ? ",\"stream_options\":{\"include_usage\":true}" : "")},{Tools("{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")}")),
            ("/v1/chat/completions", GatewayFixture.Chat("\"functions\":[{\"name\":\"f\"}]")),
            ("/v1/completions", """{"model":"scripted","prompt":"hi","logprobs":2}"""),
            ("/v1/responses", $$"""{"model":"scripted","input":"hi","metadata":{"a":"b"},{{Tools("{\"type\":\"function\",\"name\":\"f\"}")}}}"""),
            ("/v1/messages", $$"""{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":"hi"}],{{Tools("{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}")}}}"""),
        })
        {
            using var response = await gateway.PostAsync(path, streamed ? body[..^1] + ",\"stream\":true}" : body);
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.True(response.IsSuccessStatusCode, text);
            // The legacy endpoint knows one kind of text.
            Assert.Contains(path == "/v1/completions" ? "hmm" : "\\\"city\\\"", path == "/v1/messages" && !streamed ? text.Replace("\"city\"", "\\\"city\\\"", StringComparison.Ordinal) : text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_answer_that_breaks_off_fits_in_every_dialect()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = ScriptedRuntime.OfEverything(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = async run =>
        {
            if (run.Request.Work is TextRequest)
                await run.EmitAsync("Hel");
            else if (run.Request.Work is TranscriptionRequest)
                await run.EmitAsync(new Event { Segment = new Segment { EndMs = 1, Text = "Hel" } });
            else
                await run.EmitAsync(new Event { Media = new Media { Data = ByteString.CopyFromUtf8("Hel") } });
            await run.WaitAsync();
            throw new InvalidOperationException("a bug");
        };
        foreach (var operation in ApiRequests.All(await gateway.ContractAsync()).Where(one => one.Streams))
        {
            using var response = await operation.PostAsync(gateway, operation.Content(Streamed(operation)));
            (await runtime.NextRunAsync(Cancellation)).Permit();
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.True(text.Contains("Hel", StringComparison.Ordinal) || text.Contains("SGVs", StringComparison.Ordinal), $"{operation.Name}: {text}");
            Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answers_of_several_models_fit()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["b"].Script = Scripts.Throw(new InvalidOperationException("a bug"));
        foreach (var (model, status) in new[] { ("a", 200), ("a+b", 200), ("a+b+none", 404) })
        {
            using var answer = await fleet.AskAsync("", model);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        Assert.NotEmpty(await fleet.ChunksAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"all\",\"stream_options\":{\"include_usage\":true}"));
        using var completion = await fleet.Gateway.PostAsync("/v1/completions", """{"model":"a+b","prompt":"hi"}""");
        Assert.Equal(HttpStatusCode.OK, completion.StatusCode);
    }

    private static async Task<GatewayFixture> StartAsync()
    {
        var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything(GatewayFixture.Model), region: "EU");
        return gateway;
    }

    /// <summary>Asks every operation that takes a body, whole, streamed and in every other form that it answers in.</summary>
    /// <returns>The ids of what came of it, by the path that it is found under.</returns>
    private static async Task<Dictionary<string, string>> PostAllAsync(GatewayFixture gateway, ApiContract contract)
    {
        var ids = new Dictionary<string, string> { ["models"] = GatewayFixture.Model };
        foreach (var operation in ApiRequests.All(contract))
        {
            using var whole = await operation.PostAsync(gateway, operation.Content(operation.Example()));
            var text = await whole.Content.ReadAsStringAsync(Cancellation);
            Assert.True(whole.IsSuccessStatusCode, $"{operation.Name}: {text}");
            if (whole.Headers.TryGetValues("x-flotilla-job-id", out var jobs))
                ids["jobs"] = ids["receipts"] = jobs.Single();
            if (text.StartsWith('{') && JsonElement.Parse(text).TryGetProperty("id", out var id))
                ids[Family(operation.Path)] = id.GetString()!;
            foreach (var form in Forms(operation))
            {
                using var other = await operation.PostAsync(gateway, operation.Content(form));
                text = await other.Content.ReadAsStringAsync(Cancellation);
                Assert.True(other.IsSuccessStatusCode, $"{operation.Name} {form.ToJsonString()}: {text}");
            }
        }

        return ids;
    }

    private static IEnumerable<JsonObject> Forms(ApiRequests operation)
    {
        if (operation.Streams)
            yield return Streamed(operation);
        if (!operation.Path.StartsWith("/v1/audio/trans", StringComparison.Ordinal))
            yield break;
        foreach (var format in new[] { "text", "verbose_json" })
        {
            var body = operation.Example();
            body["response_format"] = format;
            yield return body;
        }
    }

    private static JsonObject Streamed(ApiRequests operation)
    {
        var body = operation.Example();
        // Sound is streamed as it is, unless events are asked for.
        if (operation.Fields.Any(field => field.Name == "stream_format"))
            body["stream_format"] = "sse";
        else
            body["stream"] = true;
        return body;
    }

    /// <summary>Asks every operation for its answer later, and leaves the ids of one that is over, and of a response in the background.</summary>
    private static async Task DeferAllAsync(GatewayFixture gateway, ApiContract contract, Dictionary<string, string> ids)
    {
        foreach (var operation in ApiRequests.All(contract).Where(one => one.IsInference))
        {
            foreach (var body in new[] { operation.Example() }.Concat(operation.Streams ? [Streamed(operation)] : []))
            {
                using var accepted = await operation.PostAsync(gateway, operation.Content(body), ("Prefer", "respond-async"));
                Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
                var request = (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString()!;
                using var early = await gateway.GetAsync($"/v1/requests/{request}/result");
                using var result = await gateway.GetAsync($"/v1/requests/{request}/result?wait=60");
                Assert.Equal(HttpStatusCode.OK, result.StatusCode);
                await result.Content.ReadAsByteArrayAsync(Cancellation);
                // One whose answer is JSON stays for GET …/result.
                if (operation.Path == "/v1/chat/completions")
                    ids.TryAdd("requests", request);
            }
        }

        // Nobody serves it yet: it waits, and so does whoever asks for its answer.
        using var waiting = await gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat("\"mode\":\"polling\",\"provider\":{\"only\":[\"NA\"]}"));
        var id = (await GatewayFixture.JsonAsync(waiting)).GetProperty("id").GetString()!;
        using var unfinished = await gateway.GetAsync($"/v1/requests/{id}/result");
        Assert.Equal(HttpStatusCode.Accepted, unfinished.StatusCode);
        using var cancelled = await gateway.PostAsync($"/v1/requests/{id}/cancel", "");
        using var background = await gateway.PostAsync("/v1/responses", """{"model":"scripted","input":"hi","background":true}""");
        ids["background"] = (await GatewayFixture.JsonAsync(background)).GetProperty("id").GetString()!;
    }

    private static string Filled(string[] operation, Dictionary<string, string> ids)
    {
        var (method, path) = (operation[0], operation[1]);
        if (path == "/v1/generation")
            return $"{path}?id={ids["jobs"]}";
        var family = Family(path);
        var id = method == "POST" && family == "responses" ? ids["background"] : ids.GetValueOrDefault(family, "");
        return path.Replace("{id}", id, StringComparison.Ordinal).Replace("{model}", id, StringComparison.Ordinal);
    }

    /// <summary>What the ids of a path are kept under. Videos have two families of paths, of which each forgets one.</summary>
    private static string Family(string path) => path.StartsWith("/v1/videos/generations", StringComparison.Ordinal) ? "generations" : path.Split('/')[2];

    private static string Tools(string tool) => $"\"tools\":[{tool}]";

    private static Event[] Rich(TextRequest request)
    {
        var hasTools = request.Chat is { Tools.Count: > 0 };
        var text = new Event { TokenCount = 1, Text = new Text { Text_ = " there" } };
        if (request.HasTopLogprobs)
        {
            var token = new TokenOutput { Id = 1, Bytes = ByteString.CopyFromUtf8(" there"), Logprob = -0.5f };
            token.Top.Add(new TokenAlternative { Id = 2, Bytes = ByteString.CopyFrom(0xC3), Logprob = -20 });
            text.Tokens.Add(token);
        }

        Event[] call =
        [
            new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Name = "f", Arguments = "{\"city\":" } },
            new Event { TokenCount = 1, ToolCall = new ToolCallDelta { Arguments = "\"Paris\"}" } },
        ];
        var finish = hasTools ? ChoiceDone.Types.Finish.ToolCalls : ChoiceDone.Types.Finish.Length;
        return
        [
            new Event { PromptReady = new PromptReady { PromptTokens = 3 } },
            new Event { TokenCount = 1, Reasoning = new Text { Text_ = "hmm" } },
            text,
            .. hasTools ? call : [],
            new Event { ChoiceDone = new ChoiceDone { Finish = finish } },
        ];
    }
}
