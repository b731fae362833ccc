using System.Net;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The <c>provider</c> object and the header <c>x-region</c>: no request is placed outside what the client allowed.</summary>
public sealed class ProviderTests
{
    private const int Tries = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"only\":[\"eu\"]", "EU")]
    [InlineData("\"ignore\":[\"NA\",\"SA\"]", "EU")]
    [InlineData("\"order\":[\"NA\"]", "NA")]
    [InlineData("\"order\":[\"SEA\",\"SA\",\"NA\"]", "SA")]
    [InlineData("\"order\":[\"SA\"],\"allow_fallbacks\":false", "SA")]
    public async Task Only_ignore_and_order_choose_among_regions(string provider, string expected)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var regions = new Dictionary<string, string>();
        foreach (var region in new[] { "EU", "NA", "SA" })
            regions.Add((await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: region)).Id.Value, region);

        for (var i = 0; i < Tries; i++)
            Assert.Equal(expected, regions[await ServedByAsync(gateway, provider)]);
    }

    [Fact]
    public async Task A_node_and_an_operator_can_be_named()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var one = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var two = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        for (var i = 0; i < Tries; i++)
        {
            Assert.Equal(two.Id.Value, await ServedByAsync(gateway, $"\"only\":[\"{two.Id}\"]"));
            Assert.Equal(one.Id.Value, await ServedByAsync(gateway, $"\"ignore\":[\"{two.Id}\"],\"only\":[\"{gateway.Account}\"]"));
        }
    }

    [Theory]
    [InlineData("\"only\":[\"SA\"]", "provider.only")]
    [InlineData("\"ignore\":[\"EU\"]", "provider.ignore")]
    [InlineData("\"order\":[\"SA\"],\"allow_fallbacks\":false", "provider.order")]
    [InlineData("\"only\":[\"node_00000000000000000000000000000000\"]", "provider.only")]
    [InlineData("\"only\":[\"acct_00000000000000000000000000000000\"]", "provider.only")]
    public async Task Where_nobody_is_allowed_nothing_is_placed_or_held(string provider, string named)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "EU");

        using var response = await gateway.ChatAsync($"\"provider\":{{{provider}}}");

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((503, "no_workers_available"), (error.Status, error.Code));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(("provider", 1), await ConstraintAsync(response));
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }

    [Fact]
    public async Task A_retry_stays_within_what_was_allowed()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var failing = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(failing, region: "EU");
        var outside = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(outside, region: "NA");
        failing.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broken", Retryable: true));

        using var response = await gateway.ChatAsync("\"provider\":{\"only\":[\"EU\"]}");
        using var fallback = await gateway.ChatAsync("\"provider\":{\"order\":[\"EU\"]}");

        Assert.Equal("node_failed", (await GatewayFixture.ErrorAsync(response)).Code);
        Assert.Equal(HttpStatusCode.OK, fallback.StatusCode);
        Assert.Single(await RunsAsync(outside, 1));
    }

    [Fact]
    public async Task Without_fallbacks_and_order_no_second_node_is_asked()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtimes = new[] { new ScriptedRuntime(GatewayFixture.Model), new ScriptedRuntime(GatewayFixture.Model) };
        foreach (var runtime in runtimes)
        {
            await gateway.AddNodeAsync(runtime);
            runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Runtime, "broken", Retryable: true));
        }

        using var one = await gateway.ChatAsync("\"provider\":{\"allow_fallbacks\":false}");
        var job = await gateway.WhenSettledAsync(one.Headers.GetValues("x-flotilla-job-id").Single());

        Assert.Equal("node_failed", (await GatewayFixture.ErrorAsync(one)).Code);
        Assert.Equal("failed", job.GetProperty("status").GetString());
        Assert.Equal(1, runtimes.Count(r => r.Waiting > 0));
    }

    [Theory]
    [InlineData("{\"prompt\":0.1,\"completion\":0.4}", null)]
    [InlineData("{\"prompt\":0.099}", "provider.max_price.prompt")]
    [InlineData("{\"completion\":0.39999999}", "provider.max_price.completion")]
    [InlineData("{\"completion\":0}", "provider.max_price.completion")]
    [InlineData("{\"request\":0}", null)]
    public async Task A_dearer_price_than_allowed_is_refused_before_any_work(string prices, string? param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync($"\"provider\":{{\"max_price\":{prices}}}");

        if (param is null)
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else
            Assert.Equal((400, param), await StatusAndParamAsync(response));
    }

    [Fact]
    public async Task The_price_that_counts_is_the_one_in_force()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var price = gateway.App.Ledger.Prices.Current.For(GatewayFixture.Model);
        await gateway.App.Ledger.Prices.SetAsync(GatewayFixture.Model, price with { OutputPerMillion = new Credits(41 * Credits.MicroPerCredit) }, Cancellation);

        using var response = await gateway.ChatAsync("\"provider\":{\"max_price\":{\"completion\":0.4}}");

        Assert.Equal((400, "provider.max_price.completion"), await StatusAndParamAsync(response));
    }

    [Fact]
    public async Task Required_parameters_need_a_node_that_names_them()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var offer = ScriptedRuntime.Offer(GatewayFixture.Model);
        offer.Capabilities.Remove("seed");
        await gateway.AddNodeAsync(new ScriptedRuntime { State = new RuntimeState([offer]) });

        using var without = await gateway.ChatAsync("\"provider\":{\"require_parameters\":true},\"logprobs\":true");
        using var refused = await gateway.ChatAsync("\"provider\":{\"require_parameters\":true},\"seed\":1");
        var full = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        Assert.Equal(HttpStatusCode.OK, without.StatusCode);
        Assert.Contains("seed", (await GatewayFixture.ErrorAsync(refused)).Message, StringComparison.Ordinal);
        Assert.Equal(("capability", 1), await ConstraintAsync(refused));
        for (var i = 0; i < Tries; i++)
            Assert.Equal(full.Id.Value, await ServedByAsync(gateway, "\"require_parameters\":true", ",\"seed\":1"));
    }

    [Fact]
    public async Task A_region_is_preferred_and_strictly_demanded_only_on_request()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var europe = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "EU");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "NA");

        for (var i = 0; i < Tries; i++)
        {
            using var near = await gateway.ChatWithHeaderAsync("x-region", "eu");
            Assert.Equal(europe.Id.Value, await NodeOfAsync(gateway, near));
        }

        using var elsewhere = await gateway.ChatWithHeaderAsync("x-region", "SA");
        using var strict = await gateway.ChatWithHeaderAsync("x-region", "SA; strict");
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
        Assert.Equal("no_workers_available", (await GatewayFixture.ErrorAsync(strict)).Code);
        Assert.Equal(("region", 2), await ConstraintAsync(strict));
    }

    [Theory]
    [InlineData("EU", HttpStatusCode.OK)]
    [InlineData("EU; strict", HttpStatusCode.ServiceUnavailable)]
    public async Task A_namespaces_own_region_holds_where_a_request_names_none(string usual, HttpStatusCode withoutEurope)
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Namespaces = new Dictionary<string, NamespaceNotes> { ["test"] = new() { Region = usual }, ["other"] = new() { Region = "SA; strict" } } });
        var america = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "NA");
        using (var first = await gateway.ChatAsync())
            Assert.Equal(withoutEurope, first.StatusCode);
        var europe = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "EU");

        for (var i = 0; i < Tries; i++)
        {
            using var usually = await gateway.ChatAsync();
            Assert.Equal(europe.Id.Value, await NodeOfAsync(gateway, usually));
            using var named = await gateway.ChatWithHeaderAsync("x-region", "NA");
            Assert.Equal(america.Id.Value, await NodeOfAsync(gateway, named));
        }
    }

    [Theory]
    [InlineData("Mars")]
    [InlineData("EU; sometimes")]
    [InlineData("EU; strict; strict")]
    [InlineData("EU, NA")]
    [InlineData("; strict")]
    public async Task A_region_that_is_none_is_400(string value)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatWithHeaderAsync("x-region", value);

        Assert.Equal((400, "x-region"), await StatusAndParamAsync(response));
    }

    private static async Task<(string?, int)> ConstraintAsync(HttpResponseMessage response)
    {
        var availability = (await GatewayFixture.JsonAsync(response)).GetProperty("error").GetProperty("availability");
        return (availability.GetProperty("constraint").GetString(), availability.GetProperty("candidates").GetInt32());
    }

    private static async Task<(int, string?)> StatusAndParamAsync(HttpResponseMessage response)
    {
        var error = await GatewayFixture.ErrorAsync(response);
        return (error.Status, error.Param);
    }

    private static async Task<string> ServedByAsync(GatewayFixture gateway, string provider, string more = "")
    {
        using var response = await gateway.ChatAsync($"\"provider\":{{{provider}}}{more}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await NodeOfAsync(gateway, response);
    }

    private static async Task<string> NodeOfAsync(GatewayFixture gateway, HttpResponseMessage response) =>
        (await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single())).GetProperty("node").GetString()!;

    private static async Task<List<ScriptedRun>> RunsAsync(ScriptedRuntime runtime, int count)
    {
        List<ScriptedRun> runs = [];
        while (runs.Count < count)
            runs.Add(await runtime.NextRunAsync(Cancellation));
        return runs;
    }
}
