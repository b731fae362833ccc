using System.Net.Http.Headers;
using System.Text;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>One key, one execution, one charge, one answer: later, at the same time, and for streams.</summary>
public sealed class IdempotencyTests
{
    private const string Chats = "/v1/chat/completions";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true")]
    public async Task A_repeat_gets_the_same_bytes_and_costs_nothing(string more)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var first = await PostAsync(gateway, "k-1", more);
        var said = await first.Content.ReadAsStringAsync(Cancellation);
        var charged = gateway.Balance.Posted;
        using var second = await PostAsync(gateway, "k-1", more);

        Assert.Equal(200, (int)second.StatusCode);
        Assert.Equal(said, await second.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(Header(first, "x-flotilla-job-id"), Header(second, "x-flotilla-job-id"));
        Assert.Equal("true", Header(second, "Idempotent-Replayed"));
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(charged, gateway.Balance.Posted);
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task A_hundred_at_once_are_one_execution()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", "two");

        var asking = Enumerable.Range(0, 100).Select(_ => PostAsync(gateway, "k-1", "\"stream\":true")).ToArray();
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit(3);
        var answers = await Task.WhenAll(asking);

        var texts = new HashSet<string>();
        foreach (var answer in answers)
        {
            texts.Add(await answer.Content.ReadAsStringAsync(Cancellation));
            answer.Dispose();
        }

        Assert.EndsWith("data: [DONE]\n\n", Assert.Single(texts), StringComparison.Ordinal);
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task A_client_that_leaves_finds_the_whole_answer_when_it_comes_back()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", " two");
        var asking = PostAsync(gateway, "k-1", "\"stream\":true");
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit();
        (await asking).Dispose();

        var again = PostAsync(gateway, "k-1", "\"stream\":true");
        run.Permit(2);
        using var answer = await again;

        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("\"one\"", text, StringComparison.Ordinal);
        Assert.Contains("\" two\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task Another_body_or_path_under_the_key_is_409_also_while_the_first_runs()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = PostAsync(gateway, "k-1");
        var run = await runtime.NextRunAsync(Cancellation);

        await AssertConflictAsync(await PostAsync(gateway, "k-1", "\"seed\":1"));
        run.Permit(2);
        using (var served = await asking)
            await served.Content.ReadAsStringAsync(Cancellation);
        await AssertConflictAsync(await PostAsync(gateway, "k-1", "\"seed\":1"));
        await AssertConflictAsync(await PostAsync(gateway, "k-1", path: "/v1/completions"));
        Assert.Equal(1, await JobsAsync(gateway));
    }

    [Fact]
    public async Task What_failed_without_a_charge_runs_anew_and_what_the_client_did_wrong_does_not()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "away", Retryable: false));
        using (var failed = await PostAsync(gateway, "k-1"))
            Assert.Equal(503, (int)failed.StatusCode);

        runtime.Script = Scripts.Answer("better");
        using (var served = await PostAsync(gateway, "k-1"))
            Assert.Contains("better", await served.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        using (var wrong = await PostAsync(gateway, "k-2", "\"n\":0"))
            Assert.Equal(400, (int)wrong.StatusCode);
        using var repeated = await PostAsync(gateway, "k-2", "\"n\":0");
        Assert.Equal("true", Header(repeated, "Idempotent-Replayed"));
    }

    [Fact]
    public async Task An_answer_too_long_to_keep_is_not_charged_twice()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Tokens(20, new string('x', 60_000));

        using var first = await PostAsync(gateway, "k-1");
        Assert.Equal(200, (int)first.StatusCode);
        await first.Content.ReadAsStringAsync(Cancellation);
        var charged = gateway.Balance.Posted;
        HttpResponseMessage second;
        // Whoever comes while the first is just ending still reads along.
        while ((second = await PostAsync(gateway, "k-1")).StatusCode == System.Net.HttpStatusCode.OK)
            second.Dispose();

        var error = await GatewayFixture.ErrorAsync(second);
        Assert.Equal((409, "idempotent_answer_lost"), (error.Status, error.Code));
        Assert.Contains(Header(first, "x-flotilla-job-id"), error.Message, StringComparison.Ordinal);
        Assert.Equal(charged, gateway.Balance.Posted);
        second.Dispose();
    }

    [Fact]
    public async Task An_answer_for_which_the_namespace_has_no_room_is_not_charged_twice()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { StoredBytesMax = 10 });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using (var first = await PostAsync(gateway, "k-1"))
            Assert.Equal(200, (int)first.StatusCode);
        // Nobody reads along any more.
        await gateway.RestartAsync();
        var charged = gateway.Balance.Posted;

        using var second = await PostAsync(gateway, "k-1");

        Assert.Equal("idempotent_answer_lost", (await GatewayFixture.ErrorAsync(second)).Code);
        Assert.Equal(charged, gateway.Balance.Posted);
    }

    [Fact]
    public async Task A_model_that_answered_for_another_is_not_charged_twice()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broken", Retryable: true));
        fleet["b"].Script = Scripts.Tokens(20, new string('x', 60_000));
        const string Models = "\"models\":[\"a\",\"b\"]";

        using var first = await PostAsync(fleet.Gateway, "k-1", Models);
        Assert.Equal(200, (int)first.StatusCode);
        await first.Content.ReadAsStringAsync(Cancellation);
        var charged = fleet.Gateway.Balance.Posted;
        HttpResponseMessage second;
        // Whoever comes while the first is just ending still reads along.
        while ((second = await PostAsync(fleet.Gateway, "k-1", Models)).StatusCode == System.Net.HttpStatusCode.OK && Header(second, "x-flotilla-job-id") == Header(first, "x-flotilla-job-id"))
            second.Dispose();

        var error = await GatewayFixture.ErrorAsync(second);
        Assert.Equal((409, "idempotent_answer_lost"), (error.Status, error.Code));
        Assert.Contains(Header(first, "x-flotilla-job-id"), error.Message, StringComparison.Ordinal);
        Assert.Equal(charged, fleet.Gateway.Balance.Posted);
        second.Dispose();
    }

    [Fact]
    public async Task A_key_belongs_to_its_namespace()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "stranger", KeyKind.Client, Cancellation)).Secret;

        using var mine = await PostAsync(gateway, "k-1");
        using var theirs = await PostAsync(gateway, "k-1", secret: stranger);

        Assert.Equal(402, (int)theirs.StatusCode);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_400(string key)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await PostAsync(gateway, key == "256" ? new string('x', 256) : key);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "Idempotency-Key"), (error.Status, error.Param));
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static async Task AssertConflictAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((409, "idempotency_key_conflict"), (error.Status, error.Code));
            Assert.Equal("false", Header(response, "x-should-retry"));
        }
    }

    private static async Task<long> JobsAsync(GatewayFixture gateway) =>
        (await gateway.App.Ledger.Usage.SumAsync(new UsageQuery { Namespace = gateway.Namespace }, Cancellation)).Sum(row => row.Jobs);

    private static async Task<HttpResponseMessage> PostAsync(GatewayFixture gateway, string key, string more = "", string path = Chats, string? secret = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(GatewayFixture.Chat(more), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret ?? gateway.ApiKey);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
