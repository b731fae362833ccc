using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The three kinds of 402: which one it is decides whether a client should come again.</summary>
public sealed class CreditRefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_left_is_insufficient_credits()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "0");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        await AssertRefusedAsync(gateway, "\"max_tokens\":1", "insufficient_credits", retry: "false");
    }

    [Fact]
    public async Task More_than_the_whole_balance_is_weight_exceeds_budget_even_while_money_is_held()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "0.04");
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var running = gateway.ChatAsync("\"max_tokens\":16");
        var run = await runtime.NextRunAsync(Cancellation);

        await AssertRefusedAsync(gateway, "\"max_tokens\":4000", "weight_exceeds_budget", retry: "false");

        run.Permit(2);
        using var served = await running;
    }

    [Fact]
    public async Task What_others_hold_is_in_flight_budget_exhausted_until_they_end()
    {
        await using var gateway = await GatewayFixture.StartAsync(credits: "0.04");
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        // No limit of its own: it holds all that there is.
        var running = gateway.ChatAsync();
        var run = await runtime.NextRunAsync(Cancellation);

        using (var refused = await AssertRefusedAsync(gateway, "\"max_tokens\":16", "in_flight_budget_exhausted", retry: "true"))
            Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
        using (var refused = await AssertRefusedAsync(gateway, "", "in_flight_budget_exhausted", retry: "true"))
            Assert.False(refused.Headers.Contains("x-flotilla-job-id"));

        run.Permit(2);
        using var served = await running;
        await served.Content.ReadAsStringAsync(Cancellation);
        runtime.Script = Scripts.Answer("two");
        using var again = await gateway.ChatAsync("\"max_tokens\":16");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static async Task<HttpResponseMessage> AssertRefusedAsync(GatewayFixture gateway, string fields, string code, string retry)
    {
        var response = await gateway.ChatAsync(fields);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((402, "insufficient_quota", code), (error.Status, error.Type, error.Code));
        Assert.Equal(retry, response.Headers.GetValues("x-should-retry").Single());
        return response;
    }
}
