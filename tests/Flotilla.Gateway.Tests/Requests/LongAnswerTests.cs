using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Answers that become longer than one may be: they end there, and what was said is kept and charged.</summary>
public sealed partial class LongAnswerTests
{
    private const int Alternatives = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_probabilities_without_end_become_a_deferred_answer_that_is_charged_and_not_lost()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = EndlessAsync;

        using var accepted = await gateway.ChatWithHeaderAsync("Prefer", "respond-async", $"\"max_tokens\":4000,\"logprobs\":true,\"top_logprobs\":{Alternatives}");
        var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString();
        using var result = await gateway.GetAsync($"/v1/requests/{id}/result?wait=60");

        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
        var body = await result.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.InRange(body.Length, 1, GatewayLimits.CallAnswerBytesMax);
        var end = Encoding.UTF8.GetString(body.AsSpan(body.Length - 400));
        Assert.Contains("\"finish_reason\":\"length\"", end, StringComparison.Ordinal);
        var tokens = int.Parse(CompletionTokens().Match(end).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(tokens, 100, 3_999);
        var job = await gateway.WhenSettledAsync(result.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal("completed", job.GetProperty("status").GetString());
        Assert.Equal(1000m * 1_000_000 - ((7 * 10) + (tokens * 40)), gateway.Balance.Available.Micro);
        await (await runtime.NextRunAsync(Cancellation)).Cancelled.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Of_several_models_each_has_its_part_of_the_room()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = EndlessAsync;

        var answer = await fleet.JsonAsync($"\"models\":[\"a\",\"b\"],\"strategy\":\"vote\",\"max_tokens\":4000,\"logprobs\":true,\"top_logprobs\":{Alternatives}");

        // Equals: the first one named is heard, as far as it came.
        Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.All(EnsembleFixture.Report(answer), line => Assert.Contains(" completed ", line, StringComparison.Ordinal));
    }

    /// <summary>Never ends by itself; each token is some ten kilobytes on the link, and forty as JSON.</summary>
    private static async Task<RunResult> EndlessAsync(ScriptedRun run)
    {
        var bytes = ByteString.CopyFrom(Enumerable.Repeat((byte)'a', LinkLimits.TokenBytesMax).ToArray());
        var token = new TokenOutput { Id = 1, Logprob = -1, Bytes = bytes };
        token.Top.AddRange(Enumerable.Range(0, Alternatives).Select(i => new TokenAlternative { Id = (uint)i, Logprob = -1 - i, Bytes = bytes }));
        await run.EmitAsync(new Event { PromptReady = new PromptReady { PromptTokens = Scripts.PromptLength } });
        while (true)
            await run.EmitAsync(new Event { TokenCount = 1, Text = new Text { Text_ = "a" }, Tokens = { token } });
    }

    [GeneratedRegex("\"completion_tokens\":([0-9]+)")]
    private static partial Regex CompletionTokens();
}
