using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Sound, pictures and meaning through two Flotillas, the second found out by its catalog alone.</summary>
public sealed class SecondFlotillaMediaTests
{
    private const string Model = "media-1";
    private const string Sound = "ID3 and frames of sound";

    private static readonly byte[] Png = Pictures.Png(320, 256);

    private static readonly string[] Capabilities =
        [Capability.Speech, Capability.Transcription, Capability.Translation, Capability.Image, Capability.ImageEdit, Capability.ImageVariation];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Speech_comes_through_both_and_costs_its_characters()
    {
        await using var chain = await StartAsync();
        using var response = await chain.Front.PostAsync("/v1/audio/speech", SpeechBody, Ct);
        Assert.Equal("audio/mpeg", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Sound, await response.Content.ReadAsStringAsync(Ct));
        var work = (SpeechRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work;
        Assert.Equal(("Hällo", "nova", "softly", 1.5f), (work.Input, work.Voice, work.Instructions, work.Speed));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_speech_stops_the_last_node()
    {
        await using var chain = await StartAsync();
        chain.Script.Script = async run =>
        {
            await run.EmitAsync(new Event { Media = new Media { Data = ByteString.CopyFromUtf8(Sound) } });
            await run.WaitAsync();
            throw new InvalidOperationException("Nobody permits it to go on.");
        };
        var response = await chain.Front.PostAsync("/v1/audio/speech", SpeechBody, Ct);
        await using var sound = await response.Content.ReadAsStreamAsync(Ct);
        Assert.Equal(Sound.Length, await sound.ReadAtLeastAsync(new byte[Sound.Length], Sound.Length, cancellationToken: Ct));
        var run = await chain.Script.NextRunAsync(Ct);
        response.Dispose();
        await run.Cancelled.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_transcript_comes_through_both_with_its_times()
    {
        await using var chain = await StartAsync();
        using var form = Form(("file", "speech.mp3"), [("response_format", "verbose_json"), ("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment"), ("language", "de")]);
        using var response = await chain.Front.PostAsync("/v1/audio/transcriptions", form, Ct);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal("Guten Tag", answer.GetProperty("text").GetString());
        Assert.Equal(1.5, answer.GetProperty("segments")[0].GetProperty("end").GetDouble());
        Assert.Equal(["Guten", "Tag"], answer.GetProperty("words").EnumerateArray().Select(w => w.GetProperty("word").GetString()));
        var work = (TranscriptionRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work;
        Assert.Equal((Sound, "de", false), (work.File.ToStringUtf8(), work.Language, work.Translate));
    }

    [Theory]
    [InlineData("json", "{\"text\":\"Guten Tag\"")]
    [InlineData("text", "Guten Tag\n")]
    [InlineData("srt", "1\n00:00:00,000 --> 00:00:01,500\nGuten Tag\n\n")]
    [InlineData("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGuten Tag\n\n")]
    public async Task A_translation_comes_in_every_format(string format, string begins)
    {
        await using var chain = await StartAsync();
        using var form = Form(("file", "speech"), [("response_format", format)]);
        using var response = await chain.Front.PostAsync("/v1/audio/translations", form, Ct);
        Assert.StartsWith(begins, await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.True(((TranscriptionRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work).Translate);
    }

    [Fact]
    public async Task Pictures_come_through_both()
    {
        await using var chain = await StartAsync();
        using var response = await chain.Front.PostAsync("/v1/images/generations", $$"""{"model":"{{Model}}","prompt":"a boat","n":2,"size":"320x256","quality":"high"}""", Ct);
        await AssertPicturesAsync(response, 2);
        var work = (ImageRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work;
        Assert.Equal(("a boat", 2u, 320u, 256u, "high"), (work.Prompt, work.Count, work.Width, work.Height, work.Quality));
    }

    [Theory]
    [InlineData("edits", ImageRequest.Types.Task.Edit)]
    [InlineData("variations", ImageRequest.Types.Task.Vary)]
    public async Task Pictures_are_made_of_pictures_through_both(string path, ImageRequest.Types.Task task)
    {
        await using var chain = await StartAsync();
        using var form = Form(("image", "a.png"), [("prompt", "a boat")], Png);
        using var response = await chain.Front.PostAsync("/v1/images/" + path, form, Ct);
        await AssertPicturesAsync(response, 1);
        var work = (ImageRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work;
        Assert.Equal((task, "a boat"), (work.Task, work.Prompt));
        Assert.Equal(Png, Assert.Single(work.Images).ToByteArray());
    }

    [Fact]
    public async Task What_the_last_node_refuses_is_told_by_the_first()
    {
        await using var chain = await StartAsync();
        chain.Script.Script = Scripts.Fail(RunFailure.NoSuchWord(Model, "voice", ["alloy"]));
        using var response = await chain.Front.PostAsync("/v1/audio/speech", SpeechBody, Ct);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("error");
        Assert.Equal((400, "voice"), ((int)response.StatusCode, error.GetProperty("param").GetString()));
        Assert.Contains("it has alloy", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_scores_and_verdicts_come_through_both()
    {
        await using var chain = await FlotillaChain.StartAsync(ScriptedRuntime.OfInputs(Model), Ct);
        using var embedded = await chain.Front.PostAsync("/v1/embeddings", $$"""{"model":"{{Model}}","input":["a","b"],"dimensions":8}""", Ct);
        var vectors = (await embedded.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("data");
        Assert.Equal([0.5f, 1.5f], vectors.EnumerateArray().Select(v => v.GetProperty("embedding")[0].GetSingle()));
        Assert.All(vectors.EnumerateArray(), v => Assert.Equal(8, v.GetProperty("embedding").GetArrayLength()));
        using var ranked = await chain.Front.PostAsync("/v1/rerank", $$"""{"model":"{{Model}}","query":"q","documents":["a","b","c"],"top_n":2}""", Ct);
        Assert.Equal([0, 1], (await ranked.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("results").EnumerateArray().Select(r => r.GetProperty("index").GetInt32()));
        using var judged = await chain.Front.PostAsync("/v1/moderations", $$"""{"model":"{{Model}}","input":["kill","be kind"]}""", Ct);
        Assert.Equal([true, false], (await judged.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("results").EnumerateArray().Select(r => r.GetProperty("flagged").GetBoolean()));
    }

    private static string SpeechBody => $$"""{"model":"{{Model}}","input":"Hällo","voice":"nova","instructions":"softly","speed":1.5}""";

    private static async Task<FlotillaChain> StartAsync()
    {
        var offer = ScriptedRuntime.Offer(Model);
        offer.ContextTokens = 0;
        offer.Capabilities.Clear();
        offer.Capabilities.AddRange(Capabilities);
        offer.Voices.AddRange(["alloy", "nova"]);
        var chain = await FlotillaChain.StartAsync(new ScriptedRuntime { State = new RuntimeState([offer]), Script = MakeAsync }, Ct);
        var offered = Assert.Single((await chain.Upstream.ProbeAsync(Ct)).Models);
        Assert.Equal(Capabilities.Order(StringComparer.Ordinal), offered.Capabilities.Order(StringComparer.Ordinal));
        Assert.Equal(["alloy", "nova"], offered.Voices);
        return chain;
    }

    private static async Task<RunResult> MakeAsync(ScriptedRun run)
    {
        Event[] events = run.Request.Work switch
        {
            SpeechRequest => [new Event { Media = new Media { Data = ByteString.CopyFromUtf8(Sound) } }],
            TranscriptionRequest work => [new Event { Segment = Spoken(work.Words) }],
            _ => [.. Enumerable.Range(0, run.Request.Choices).Select(c => new Event { Choice = (uint)c, Media = new Media { Data = ByteString.CopyFrom(Png) } })],
        };
        foreach (var item in events)
        {
            await run.EmitAsync(item);
            await run.EmitAsync(new Event { Choice = item.Choice, TokenCount = run.Request.Work is ImageRequest ? 1u : 0, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        }

        var units = (uint)run.Request.Shape.InputUnitsMax;
        return RunResult.Completed(new Usage { PromptTokens = run.Request.Work is SpeechRequest ? units : Math.Min(units, 2), CompletionTokens = run.Tokens });
    }

    private static Segment Spoken(bool words)
    {
        var segment = new Segment { EndMs = 1500, Text = "Guten Tag" };
        if (words)
            segment.Words.AddRange([new Word { EndMs = 700, Text = "Guten" }, new Word { StartMs = 800, EndMs = 1500, Text = "Tag" }]);
        return segment;
    }

    private static MultipartFormDataContent Form((string Field, string Name) file, (string Name, string Value)[] fields, byte[]? content = null)
    {
        var form = new MultipartFormDataContent
        {
            { new StringContent(Model), "model" },
            { new ByteArrayContent(content ?? System.Text.Encoding.UTF8.GetBytes(Sound)), file.Field, file.Name },
        };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    private static async Task AssertPicturesAsync(HttpResponseMessage response, int count)
    {
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        Assert.Equal(Enumerable.Repeat(Png, count), answer.GetProperty("data").EnumerateArray().Select(p => p.GetProperty("b64_json").GetBytesFromBase64()));
    }
}
