using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

public sealed class CatalogTests
{
    private const string Soon = "2999-12-31";
    private const string Past = "2001-02-03";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_catalog_needs_no_key_and_tells_prices_regions_health_and_aliases()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["gpt-4o"] = GatewayFixture.Model, ["gpt-9"] = "absent" } });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "EU");
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.SendAsync(HttpMethod.Get, "/v1/catalog", null, null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var data = (await GatewayFixture.JsonAsync(response)).GetProperty("data");
        var row = Find(data, GatewayFixture.Model);
        Assert.Equal(["gpt-4o"], Texts(row.GetProperty("aliases")));
        Assert.Equal(["EU"], Texts(row.GetProperty("regions")));
        Assert.Equal(["scripted"], Texts(row.GetProperty("runtimes")));
        Assert.Contains("tool_use", Texts(row.GetProperty("capabilities")));
        Assert.Equal(4096, row.GetProperty("context_window").GetInt32());
        Assert.Equal("40", row.GetProperty("prices").GetProperty("output").GetString());
        Assert.Equal("credits per million tokens", row.GetProperty("prices").GetProperty("unit").GetString());
        Assert.Equal(("available", 2), (row.GetProperty("health").GetProperty("status").GetString(), row.GetProperty("health").GetProperty("nodes").GetInt32()));
        // A name stays valid without a node, so the catalog has it; the list of models has not.
        Assert.Equal("offline", Find(data, "absent").GetProperty("health").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_model_whose_slots_are_taken_is_busy()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");

        var asking = gateway.ChatAsync();
        var run = await runtime.NextRunAsync(Cancellation);
        using var catalog = await gateway.GetAsync("/v1/catalog");
        var health = Find((await GatewayFixture.JsonAsync(catalog)).GetProperty("data"), GatewayFixture.Model).GetProperty("health");
        run.Permit(2);
        using var answer = await asking;

        Assert.Equal(("busy", 1), (health.GetProperty("status").GetString(), health.GetProperty("nodes_busy").GetInt32()));
    }

    [Fact]
    public async Task The_catalog_is_written_once_a_second_and_anew_for_another_fleet()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        Assert.Equal(("available", 0), await HealthAsync(gateway));
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = gateway.ChatAsync();
        var run = await runtime.NextRunAsync(Cancellation);

        Assert.Equal(("available", 0), await HealthAsync(gateway));
        time.Advance(GatewayLimits.CatalogAge);
        Assert.Equal(("busy", 1), await HealthAsync(gateway));
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        Assert.Equal(("available", 1), await HealthAsync(gateway));

        run.Permit(2);
        using var answer = await asking;
    }

    [Theory]
    [InlineData("/v1/models", "", 2)]
    [InlineData("/v1/models", "?region=eu", 1)]
    [InlineData("/v1/models", "?region=SA", 0)]
    [InlineData("/v1/catalog", "?region=EU", 1)]
    [InlineData("/v1/catalog", "?region=SA", 0)]
    public async Task A_region_narrows_the_lists(string path, string query, int models)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), region: "EU");
        await gateway.AddNodeAsync(new ScriptedRuntime("other"), region: "NA");

        using var response = await gateway.GetAsync(path + query);

        Assert.Equal(models, (await GatewayFixture.JsonAsync(response)).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("/v1/models?region=Mars")]
    [InlineData("/v1/catalog?region=")]
    [InlineData("/v1/catalog?region=EU&region=NA")]
    public async Task An_unknown_region_is_400(string path)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.GetAsync(path);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "region"), (error.Status, error.Param));
    }

    [Fact]
    public async Task A_model_row_has_the_decentral_object_with_what_is_known()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Models = new Dictionary<string, ModelNotes> { [GatewayFixture.Model] = new() { Tier = "lite", Parameters = "4M", Recommended = true } } });
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);

        Assert.False((await DecentralAsync(gateway)).TryGetProperty("median_latency_ms", out _));
        using (var stream = await gateway.ChatAsync("\"stream\":true"))
            await stream.Content.ReadAsStringAsync(Cancellation);
        var decentral = await DecentralAsync(gateway);

        Assert.True(decentral.GetProperty("median_latency_ms").GetInt64() >= 0);
        Assert.Equal(1, decentral.GetProperty("active_workers").GetInt32());
        Assert.Equal(0.02m, decentral.GetProperty("credits_per_request").GetDecimal());
        Assert.Equal(0.04m, decentral.GetProperty("credits_per_1k_tokens").GetDecimal());
        Assert.Equal(4096, decentral.GetProperty("context_window").GetInt32());
        Assert.Equal(("lite", "4M"), (decentral.GetProperty("tier").GetString(), decentral.GetProperty("parameters").GetString()));
        using var catalog = await gateway.GetAsync("/v1/catalog");
        Assert.True(Find((await GatewayFixture.JsonAsync(catalog)).GetProperty("data"), GatewayFixture.Model).GetProperty("recommended").GetBoolean());
    }

    [Fact]
    public async Task A_model_that_speaks_has_the_voices_of_its_nodes_and_is_tested_with_one_of_them()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var first = Speaker("zoe", "anna");
        await gateway.AddNodeAsync(first.Runtime);
        await gateway.AddNodeAsync(Speaker("mia", "anna").Runtime);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var catalog = await gateway.GetAsync("/v1/catalog");

        var data = (await GatewayFixture.JsonAsync(catalog)).GetProperty("data");
        Assert.Equal(["anna", "mia", "zoe"], Texts(Find(data, "speaker").GetProperty("voices")));
        Assert.Empty(Texts(Find(data, GatewayFixture.Model).GetProperty("voices")));
        Assert.Equal(["anna"], first.Asked);
    }

    [Fact]
    public async Task Prices_say_what_they_count()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { ["gpt-9"] = "absent" } });
        await gateway.AddNodeAsync(Speaker("anna").Runtime);
        await gateway.AddNodeAsync(Media("listener", Capability.Transcription, new Usage { PromptTokens = 1 }, Done()));
        await gateway.AddNodeAsync(Media("painter", Capability.Image, new Usage { CompletionTokens = 1 }, Bytes(), Done(units: 1)));
        await gateway.AddNodeAsync(ScriptedRuntime.OfInputs("inputs"));
        var both = new ScriptedRuntime("both");
        both.State.Models[0].Capabilities.Add(Capability.Vision);
        await gateway.AddNodeAsync(both);

        using var catalog = await gateway.GetAsync("/v1/catalog");

        var data = (await GatewayFixture.JsonAsync(catalog)).GetProperty("data");
        foreach (var (model, unit, price, value) in new[]
        {
            ("speaker", "characters", "credits_per_1k_characters", 0.01m), ("listener", "audio seconds", "credits_per_1k_audio_seconds", 0.01m),
            ("painter", "images", "credits_per_1k_images", 0.04m), ("inputs", "tokens", "credits_per_1k_tokens", 0.01m), ("both", "tokens", "credits_per_1k_tokens", 0.04m),
        })
        {
            Assert.Equal($"credits per million {unit}", Find(data, model).GetProperty("prices").GetProperty("unit").GetString());
            using var one = await gateway.GetAsync($"/v1/models/{model}");
            var decentral = (await GatewayFixture.JsonAsync(one)).GetProperty("decentral");
            Assert.Equal(value, decentral.GetProperty(price).GetDecimal());
            Assert.Equal(model == "both", decentral.TryGetProperty("credits_per_request", out _));
        }

        Assert.Equal("credits per million units", Find(data, "absent").GetProperty("prices").GetProperty("unit").GetString());
        using var list = await gateway.GetAsync("/v1/models");
        Assert.Equal(["both", "inputs"], (await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_deprecated_model_works_until_its_shutdown_and_says_so()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Models = Notes(Past, Soon) });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.ChatAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("@981158400", response.Headers.GetValues("Deprecation").Single());
        Assert.Equal("Tue, 31 Dec 2999 00:00:00 GMT", response.Headers.GetValues("Sunset").Single());
        using var one = await gateway.GetAsync($"/v1/models/{GatewayFixture.Model}");
        Assert.Equal("@981158400", one.Headers.GetValues("Deprecation").Single());
        var row = await GatewayFixture.JsonAsync(one);
        Assert.True(row.GetProperty("deprecated").GetBoolean());
        Assert.Equal(Soon, row.GetProperty("shutdown_date").GetString());
        using var catalog = await gateway.GetAsync("/v1/catalog");
        Assert.Equal(Past, Find((await GatewayFixture.JsonAsync(catalog)).GetProperty("data"), GatewayFixture.Model).GetProperty("notice_date").GetString());
    }

    [Fact]
    public async Task A_model_that_was_shut_down_is_404_although_a_node_serves_it()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Models = Notes("2001-01-01", Past) });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var chat = await gateway.ChatAsync();
        using var one = await gateway.GetAsync($"/v1/models/{GatewayFixture.Model}");
        using var list = await gateway.GetAsync("/v1/models");
        using var catalog = await gateway.GetAsync("/v1/catalog");

        Assert.All(new[] { await GatewayFixture.ErrorAsync(chat), await GatewayFixture.ErrorAsync(one) }, e =>
        {
            Assert.Equal((404, "model_not_found"), (e.Status, e.Code));
            Assert.Contains(Past, e.Message, StringComparison.Ordinal);
        });
        Assert.Equal(0, (await GatewayFixture.JsonAsync(list)).GetProperty("data").GetArrayLength());
        Assert.Equal("shut_down", Find((await GatewayFixture.JsonAsync(catalog)).GetProperty("data"), GatewayFixture.Model).GetProperty("health").GetProperty("status").GetString());
    }

    [Fact]
    public void Faulty_notes_on_models_are_named()
    {
        var options = new GatewayOptions
        {
            DataFolder = "x",
            Aliases = new Dictionary<string, string> { ["a"] = "m" },
            Models = new Dictionary<string, ModelNotes>
            {
                ["a"] = new(),
                ["b"] = new() { Tier = "huge" },
                ["c"] = new() { ShutdownDate = new DateOnly(2030, 1, 1) },
                ["d"] = new() { NoticeDate = new DateOnly(2030, 1, 1), ShutdownDate = new DateOnly(2030, 1, 1) },
            },
        };

        Assert.Equal(["Models.a ", "Models.b.Tier ", "Models.c.ShutdownDate ", "Models.d.ShutdownDate "], GatewayOptionsValidator.Faults(options).Select(f => f[..(f.IndexOf(' ', StringComparison.Ordinal) + 1)]));
    }

    private static (ScriptedRuntime Runtime, List<string> Asked) Speaker(params string[] voices)
    {
        var asked = new List<string>();
        var runtime = Media("speaker", Capability.Speech, new Usage { PromptTokens = 6 }, Bytes(), Done());
        runtime.State.Models[0].Voices.AddRange(voices);
        var speak = runtime.Script;
        runtime.Script = run =>
        {
            asked.Add(((SpeechRequest)run.Request.Work).Voice);
            return speak(run);
        };
        return (runtime, asked);
    }

    private static ScriptedRuntime Media(string model, string capability, Usage usage, params Event[] events)
    {
        var runtime = new ScriptedRuntime(model) { Script = Scripts.Events(usage, events) };
        runtime.State.Models[0].Capabilities.Clear();
        runtime.State.Models[0].Capabilities.Add(capability);
        return runtime;
    }

    private static Event Bytes() => new() { Media = new Media { Data = Google.Protobuf.ByteString.CopyFrom(1) } };

    private static Event Done(uint units = 0) => new() { TokenCount = units, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };

    private static Dictionary<string, ModelNotes> Notes(string notice, string shutdown) => new()
    {
        [GatewayFixture.Model] = new() { NoticeDate = DateOnly.Parse(notice, CultureInfo.InvariantCulture), ShutdownDate = DateOnly.Parse(shutdown, CultureInfo.InvariantCulture) },
    };

    private static async Task<(string?, int)> HealthAsync(GatewayFixture gateway)
    {
        using var catalog = await gateway.GetAsync("/v1/catalog");
        var health = Find((await GatewayFixture.JsonAsync(catalog)).GetProperty("data"), GatewayFixture.Model).GetProperty("health");
        return (health.GetProperty("status").GetString(), health.GetProperty("nodes_busy").GetInt32());
    }

    private static async Task<JsonElement> DecentralAsync(GatewayFixture gateway)
    {
        using var list = await gateway.GetAsync("/v1/models");
        return (await GatewayFixture.JsonAsync(list)).GetProperty("data")[0].GetProperty("decentral");
    }

    private static JsonElement Find(JsonElement data, string id) => data.EnumerateArray().Single(m => m.GetProperty("id").GetString() == id);

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(e => e.GetString()!);
}
