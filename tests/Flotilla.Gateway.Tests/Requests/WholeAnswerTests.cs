using System.Net;
using System.Text;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Protocol.OpenAI;
using Flotilla.Protocol.Receipts;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

public sealed class WholeAnswerTests
{
    private const decimal InputPerToken = 10m / 1_000_000;
    private const decimal OutputPerToken = 40m / 1_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_is_answered_charged_and_receipted()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await GatewayFixture.JsonAsync(response);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal("Hello, world!", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(7, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(4, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());

        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal("completed", job.GetProperty("status").GetString());
        Assert.Equal((7 * InputPerToken) + (4 * OutputPerToken), decimal.Parse(job.GetProperty("credits_charged").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(1000m - (7 * InputPerToken) - (4 * OutputPerToken), gateway.Balance.Available.Micro / 1_000_000m);
    }

    [Fact]
    public async Task The_receipt_verifies_offline_and_bears_the_settlement_header()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync();
        var job = response.Headers.GetValues("x-flotilla-job-id").Single();
        using var answer = await gateway.GetAsync($"/v1/receipts/{job}");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.All(ReceiptVerifier.Verify(text), check => Assert.True(check.Passed, check.ToString()));
        Assert.Null(SignedReceipt.TryParse(text, out var receipt));
        Assert.Equal(response.Headers.GetValues("x-flotilla-settlement-tx").Single(), receipt!.GatewaySignature);
        Assert.Equal(node.Id.Value, receipt.Receipt.Node!.Work.NodeId);
        Assert.Equal(job, receipt.Receipt.JobId);
        Assert.Equal(
            Commitments.Of(Convert.FromHexString(receipt.Salt), Encoding.UTF8.GetBytes(gateway.Namespace.Value)), receipt.Receipt.NamespaceCommit);
    }

    [Fact]
    public async Task The_hold_is_told_and_signed_by_the_key_that_signs_the_receipt()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync();

        using var receipt = await gateway.GetAsync($"/v1/receipts/{response.Headers.GetValues("x-flotilla-job-id").Single()}");
        var signed = (await GatewayFixture.JsonAsync(receipt)).GetProperty("receipt");
        Assert.True(Base58.TryDecode(signed.GetProperty("gateway_public_key").GetString()!, out var key));
        Assert.True(Base58.TryDecode(response.Headers.GetValues("x-flotilla-tx-signature").Single(), out var signature));
        var text = response.Headers.GetValues("x-flotilla-hold").Single();
        Assert.True(Ed25519.Verify(key, Encoding.UTF8.GetBytes("flotilla-hold-v1\n" + text), signature), text);
        var hold = JsonDocument.Parse(text).RootElement;
        Assert.Equal(signed.GetProperty("hold_tx").GetString(), hold.GetProperty("transfer_id").GetString());
        Assert.Equal(signed.GetProperty("job_id").GetString(), hold.GetProperty("job_id").GetString());
        Assert.True(hold.GetProperty("amount").GetInt64() >= signed.GetProperty("charge").GetInt64());
        Assert.False(response.Headers.Contains("x-decentral-job-id"));
    }

    [Fact]
    public async Task Decentral_names_repeat_the_job_headers_when_switched_on()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { CompatDecentralHeaders = true });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync();

        foreach (var name in new[] { "job-id", "tx-signature", "settlement-tx" })
            Assert.Equal(response.Headers.GetValues("x-flotilla-" + name).Single(), response.Headers.GetValues("x-decentral-" + name).Single());
    }

    [Fact]
    public async Task Every_response_has_a_request_id_and_its_time()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.GetAsync("/v1/nothing/here");

        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
        Assert.True(long.Parse(response.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 0);
    }

    [Fact]
    public async Task A_node_is_told_the_day_and_every_node_the_same()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        time.Advance(TimeSpan.FromSeconds(10));

        using var response = await gateway.ChatAsync();

        Assert.Equal((ulong)new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), (await runtime.NextRunAsync(Cancellation)).Text.NowUnixMs);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(OpenAiLimits.ChoicesTotalMax)]
    public async Task Several_choices_share_one_job(int count)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync($"\"n\":{count}");
        var body = await GatewayFixture.JsonAsync(response);

        Assert.Equal(count, body.GetProperty("choices").GetArrayLength());
        Assert.Equal(4 * count, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task An_alias_is_answered_under_the_models_own_name()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["gpt-4o-mini"] = GatewayFixture.Model } });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync(model: "gpt-4o-mini");
        Assert.Equal(GatewayFixture.Model, (await GatewayFixture.JsonAsync(response)).GetProperty("model").GetString());

        using var one = await gateway.GetAsync("/v1/models/gpt-4o-mini");
        var row = await GatewayFixture.JsonAsync(one);
        Assert.Equal(GatewayFixture.Model, row.GetProperty("id").GetString());
        using var list = await gateway.GetAsync("/v1/models");
        Assert.Equal(GatewayFixture.Model, (await GatewayFixture.JsonAsync(list)).GetProperty("data")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_namespace_may_do_without_aliases()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with
        {
            Aliases = new Dictionary<string, string> { ["gpt-4o-mini"] = GatewayFixture.Model },
            Namespaces = new Dictionary<string, NamespaceNotes> { ["test"] = new() { Aliases = false } },
        });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync(model: "gpt-4o-mini");
        using var several = await gateway.ChatAsync("\"models\":[\"gpt-4o-mini\",\"nobody\"]", "gpt-4o-mini");
        using var one = await gateway.GetAsync("/v1/models/gpt-4o-mini");
        using var own = await gateway.ChatAsync();
        using var list = await gateway.GetAsync("/v1/models");

        foreach (var refused in new[] { response, several, one })
            Assert.Equal("model_not_found", (await GatewayFixture.ErrorAsync(refused)).Code);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(0, (await GatewayFixture.JsonAsync(list)).GetProperty("data")[0].GetProperty("aliases").GetArrayLength());
    }

    [Fact]
    public async Task A_node_sees_the_request_and_nothing_of_the_caller()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);

        using var response = await gateway.ChatAsync("\"user\":\"customer-77\",\"metadata\":{\"team\":\"blue-44\"},\"seed\":5");
        var run = await runtime.NextRunAsync(Cancellation);

        Assert.Equal(5UL, run.Request.Seed);
        var seen = run.Request.Work.ToString();
        Assert.DoesNotContain("customer-77", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("blue-44", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Namespace.Value, seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_limit_of_its_own_a_request_gets_what_the_balance_affords()
    {
        // 2,000 µcr: the prompt's worst case and a few tokens at 40 µcr, far from the model's whole context.
        await using var gateway = await GatewayFixture.StartAsync(credits: "0.002");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model) { Script = Scripts.Tokens(500) });

        using var response = await gateway.ChatAsync();
        var body = await GatewayFixture.JsonAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.InRange(body.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, 66);
        Assert.True(gateway.Balance.Available >= Credits.Zero);
    }
}
