using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>What an upstream's models are known to do: by its list, by a Flotilla's catalog, and by their owner.</summary>
public sealed class UpstreamOffersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Flotillas_catalog_tells_of_the_models_that_its_list_leaves_out()
    {
        await using var server = new ScriptedServer(
            List("""{"id":"talker","owned_by":"flotilla","capabilities":["chat"]}"""),
            List("""
                {"id":"talker","capabilities":["chat","speech"],"health":{"status":"busy"}},{"id":"gone","capabilities":["speech"],"health":{"status":"offline"}},
                {"id":"painter","capabilities":["image","image_edit"],"health":{"status":"available"}},{"id":"past","capabilities":["speech"],"health":{"status":"shut_down"}},
                {"id":"from the future","capabilities":["telepathy"],"health":{"status":"available"}}
                """));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url, ApiKey = "key" });

        var models = (await runtime.ProbeAsync(Ct)).Models;

        Assert.Equal(["painter", "talker"], models.Select(m => m.Name));
        Assert.Equal([Capability.Image, Capability.ImageEdit], models[0].Capabilities);
        Assert.DoesNotContain(Capability.Speech, models[1].Capabilities);
        Assert.StartsWith("GET /v1/models ", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.StartsWith("GET /v1/catalog ", await server.RequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_server_is_not_asked_for_a_catalog()
    {
        await using var server = new ScriptedServer(List("""{"id":"talker","owned_by":"vllm"}"""));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        Assert.Equal("talker", Assert.Single((await runtime.ProbeAsync(Ct)).Models).Name);
        Assert.Equal(1, server.Waiting);
    }

    [Theory]
    [InlineData(404, "text/plain")]
    [InlineData(200, "text/html")]
    public async Task A_server_with_an_empty_list_need_not_have_a_catalog(int status, string type)
    {
        await using var server = new ScriptedServer(List(""), ScriptedServer.Http(status, type, "none here"));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        var state = await runtime.ProbeAsync(Ct);
        Assert.Null(state.Problem);
        Assert.Empty(state.Models);
    }

    [Theory]
    [InlineData("""["audio_speech"]""", Capability.Speech)]
    [InlineData("""["audio_transcription"]""", Capability.Transcription)]
    [InlineData("""["image_generation"]""", Capability.Image)]
    [InlineData("""["speech"]""", Capability.Speech)]
    public async Task A_list_in_other_words_is_understood(string supports, string capability)
    {
        await using var server = new ScriptedServer(List($$"""{"id":"m","supports":{{supports}}}"""));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        Assert.Equal([capability], Assert.Single((await runtime.ProbeAsync(Ct)).Models).Capabilities);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    public async Task What_the_owner_says_of_a_model_is_offered_whether_it_is_listed_or_not(int status)
    {
        await using var server = new ScriptedServer(status == 200 ? List("""{"id":"tts","owned_by":"them"},{"id":"chatter"}""") : ScriptedServer.Http(404, "text/plain", ""));
        using var runtime = new UpstreamRuntime(new UpstreamOptions
        {
            BaseUrl = server.Url,
            Details = new Dictionary<string, UpstreamModelOptions> { ["tts"] = new() { Capabilities = [Capability.Speech], Voices = new Dictionary<string, string> { ["alloy"] = "af_heart" }, Seconds = 300 }, ["stt"] = new() { Capabilities = [Capability.Transcription] } },
        });
        var models = (await runtime.ProbeAsync(Ct)).Models.ToDictionary(m => m.Name);
        Assert.Equal([Capability.Speech], models["tts"].Capabilities);
        Assert.Equal(["alloy"], models["tts"].Voices);
        Assert.Equal((300u, 0u), (models["tts"].AdmissionSeconds, models["stt"].AdmissionSeconds));
        Assert.Equal([Capability.Transcription], models["stt"].Capabilities);
        Assert.Equal(status == 200, models.ContainsKey("chatter"));
    }

    [Fact]
    public async Task Voices_of_a_list_are_passed_on_as_far_as_a_gateway_takes_them()
    {
        var voices = Enumerable.Range(0, 200).Select(i => $"\"v{i}\"").Prepend("7").Prepend("\"bad voice\"").Prepend("\"v0\"");
        await using var server = new ScriptedServer(List($$"""{"id":"m","capabilities":["speech"],"voices":[{{string.Join(',', voices)}}]}"""));
        using var runtime = new UpstreamRuntime(new UpstreamOptions { BaseUrl = server.Url });
        Assert.Equal(Enumerable.Range(0, LinkLimits.VoicesMax).Select(i => $"v{i}"), Assert.Single((await runtime.ProbeAsync(Ct)).Models).Voices);
    }

    [Fact]
    public void All_errors_of_single_models_are_told()
    {
        var errors = UpstreamOptionsValidator.Errors(new UpstreamOptions
        {
            BaseUrl = new Uri("http://x/v1"),
            Details = new Dictionary<string, UpstreamModelOptions>
            {
                ["bad name"] = new() { Capabilities = ["sees things"], Seconds = 0, Voices = new Dictionary<string, string> { ["alloy"] = "" } },
            },
        });
        Assert.Equal(4, errors.Count);
        Assert.All(errors, e => Assert.Contains("bad name", e, StringComparison.Ordinal));
    }

    private static string List(string models) => ScriptedServer.Http(200, "application/json", $$"""{"object":"list","data":[{{models}}]}""");
}
