using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

public sealed class StreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_has_role_text_finish_and_done_and_no_usage_unless_asked()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync("\"stream\":true");
        var lines = await LinesAsync(response);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("data: [DONE]", lines[^1]);
        var chunks = lines[..^1].Select(Chunk).ToList();
        Assert.All(chunks, c => Assert.NotEqual(0, c.GetProperty("choices").GetArrayLength()));
        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("Hello, world!", Text(chunks));
        Assert.Equal("stop", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal("completed", (await gateway.WhenSettledAsync(Job(response))).GetProperty("status").GetString());
        Assert.False(response.Headers.Contains("x-flotilla-settlement-tx"));
    }

    [Fact]
    public async Task The_usage_chunk_comes_last_and_without_choices_when_asked_for()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        var lines = await LinesAsync(response);

        var last = Chunk(lines[^2]);
        Assert.Equal(0, last.GetProperty("choices").GetArrayLength());
        Assert.Equal(11, last.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, Chunk(lines[0]).GetProperty("usage").ValueKind);
    }

    [Fact]
    public async Task The_first_chunk_arrives_while_the_node_still_works()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", "two");

        var asking = gateway.ChatAsync("\"stream\":true");
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit();
        using var response = await asking;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Contains("assistant", await reader.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        Assert.True(gateway.Balance.Held > Credits.Zero);

        run.Permit(2);
        var rest = await reader.ReadToEndAsync(Cancellation);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_pays_for_what_it_was_given_and_the_node_is_told()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one ", "two ");

        var response = await gateway.ChatAsync("\"stream\":true");
        var job = Job(response);
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation)))
        {
            string? line;
            do
                line = await reader.ReadLineAsync(Cancellation);
            while (!line!.Contains("two ", StringComparison.Ordinal));
        }

        response.Dispose();
        var run = await runtime.NextRunAsync(Cancellation);
        await run.Cancelled.WaitAsync(Cancellation);
        var view = await gateway.WhenSettledAsync(job);

        Assert.Equal("cancelled", view.GetProperty("status").GetString());
        Assert.Equal(2, view.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        using var receipt = await gateway.GetAsync($"/v1/receipts/{job}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
    }

    [Fact]
    public async Task A_node_that_dies_mid_stream_ends_it_with_an_error_and_what_came_is_charged()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        var node = await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerThenHang("one ", "two ", "three ");

        using var response = await gateway.ChatAsync("\"stream\":true");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        string? line;
        do
            line = await reader.ReadLineAsync(Cancellation);
        while (!line!.Contains("three ", StringComparison.Ordinal));
        await node.KillAsync();
        var rest = await reader.ReadToEndAsync(Cancellation);

        Assert.Contains("\"error\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        var view = await gateway.WhenSettledAsync(Job(response));
        Assert.Equal("failed", view.GetProperty("status").GetString());
        Assert.Equal(3, view.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        // The node died without having told how long the prompt was, so the prompt is free.
        Assert.Equal(3 * 40 / 1_000_000m, decimal.Parse(view.GetProperty("credits_charged").GetString()!, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_node_that_counts_more_than_it_said_and_breaks_is_not_believed_nor_paid()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = async run =>
        {
            await run.EmitAsync(new Event { TokenCount = 900, Text = new Text { Text_ = "x" } });
            return RunResult.Failed(new RunFailure(Failed.Types.Code.Runtime, "broke", Retryable: false));
        };

        using var response = await gateway.ChatAsync("\"stream\":true,\"max_tokens\":1000");
        await response.Content.ReadAsStringAsync(Cancellation);
        var view = await gateway.WhenSettledAsync(Job(response));

        // One byte of text and the tokens that may go unseen.
        Assert.Equal(17, view.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(Credits.Zero, gateway.App.Ledger.Money.EarnedBy(gateway.Account));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_dies_before_its_first_token_is_replaced(bool stream)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var first = new ScriptedRuntime(GatewayFixture.Model);
        var second = new ScriptedRuntime(GatewayFixture.Model);
        var nodes = new[] { (Node: await gateway.AddNodeAsync(first), Runtime: first), (Node: await gateway.AddNodeAsync(second), Runtime: second) };
        first.Script = second.Script = Scripts.AnswerWhenPermitted("saved");

        var asking = gateway.ChatAsync(stream ? "\"stream\":true" : "\"stream\":false");
        var runs = nodes.Select(n => n.Runtime.NextRunAsync(Cancellation).AsTask()).ToArray();
        var busy = Array.IndexOf(runs, await Task.WhenAny(runs));
        await nodes[busy].Node.KillAsync();
        var rescue = await runs[1 - busy];
        rescue.Permit(2);
        using var response = await asking;
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("saved", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error", text, StringComparison.Ordinal);
        var view = await gateway.WhenSettledAsync(Job(response));
        Assert.Equal(nodes[1 - busy].Node.Id.Value, view.GetProperty("node").GetString());
    }

    private static string Job(HttpResponseMessage response) => response.Headers.GetValues("x-flotilla-job-id").Single();

    private static async Task<List<string>> LinesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static JsonElement Chunk(string line)
    {
        Assert.StartsWith("data: ", line, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(line["data: ".Length..]);
        return document.RootElement.Clone();
    }

    private static string Text(IEnumerable<JsonElement> chunks) => string.Concat(chunks.Select(c =>
        c.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : string.Empty));
}
