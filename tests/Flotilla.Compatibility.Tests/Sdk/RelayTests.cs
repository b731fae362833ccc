using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Flotilla.Protocol.OpenAI;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Images;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Sound and pictures that another server makes, through the official OpenAI package for .NET: one Flotilla in front of another.</summary>
public sealed class RelayTests : IClassFixture<RelayFleet>
{
    private readonly RelayFleet _fleet;

    public RelayTests(RelayFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, "Debian's espeak-ng, ffmpeg and pocketsphinx are needed; ./test installs them where there is apt-get.");
        _fleet = fleet;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mp3")]
    [InlineData("opus")]
    [InlineData("aac")]
    [InlineData("flac")]
    [InlineData("wav")]
    [InlineData("pcm")]
    public async Task Speech_is_the_same_sound_behind_an_upstream(string format)
    {
        var body = new { model = MediaFleet.Speaker, input = "Hello, world!", voice = "alloy", response_format = format, speed = 1.25 };
        using var near = await _fleet.Http.PostAsJsonAsync("audio/speech", body, Token);
        using var far = await _fleet.Back.Http.PostAsJsonAsync("audio/speech", body, Token);
        var (sound, same) = (await near.Content.ReadAsByteArrayAsync(Token), await far.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(far.Content.Headers.ContentType?.MediaType, near.Content.Headers.ContentType?.MediaType);
        // Ogg draws a number for each of its streams.
        if (format == "opus")
            Assert.InRange(sound.Length, same.Length - 256, same.Length + 256);
        else
            Assert.Equal(same, sound);
        Assert.Equal((13, 0), await UsageAsync(near));
    }

    [Fact]
    public async Task The_first_sound_is_there_before_the_text_is_spoken()
    {
        var text = string.Join(' ', Enumerable.Repeat("This is a rather long text that takes its time.", 80));
        // The first run pays for what the processes load once.
        (await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hello", voice = "alloy" }, Token)).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Post, "audio/speech")
        {
            Content = JsonContent.Create(new { model = MediaFleet.Speaker, input = text, voice = "alloy", response_format = "pcm" }),
        };
        var clock = Stopwatch.StartNew();
        using var response = await _fleet.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var sound = await response.Content.ReadAsStreamAsync(Token);
        var buffer = new byte[64 * 1024];
        Assert.True(await sound.ReadAsync(buffer, Token) > 0);
        var first = clock.Elapsed;
        while (await sound.ReadAsync(buffer, Token) > 0)
        {
        }

        Assert.True(first < clock.Elapsed / 2, $"the first sound came after {first.TotalMilliseconds:0} of {clock.Elapsed.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task What_is_heard_behind_an_upstream_has_its_words_times_and_seconds()
    {
        var sound = (await new AudioClient(MediaFleet.Speaker, Credential, Options).GenerateSpeechAsync("one two three four five six seven", "alloy", null, Token)).Value;
        var options = new AudioTranscriptionOptions
        {
            ResponseFormat = AudioTranscriptionFormat.Verbose, TimestampGranularities = AudioTimestampGranularities.Word | AudioTimestampGranularities.Segment,
        };
        var near = (await new AudioClient(MediaFleet.Listener, Credential, Options).TranscribeAudioAsync(sound.ToStream(), "speech.mp3", options, Token)).Value;
        var far = (await new AudioClient(MediaFleet.Listener, new ApiKeyCredential(_fleet.Back.ApiKey), new OpenAIClientOptions { Endpoint = new Uri(_fleet.Back.BaseUrl) })
            .TranscribeAudioAsync(sound.ToStream(), "speech.mp3", options, Token)).Value;
        Assert.NotEmpty(near.Text);
        Assert.Equal(far.Text, near.Text);
        Assert.Equal(far.Duration, near.Duration);
        Assert.Equal(far.Words.Select(w => (w.Word, w.StartTime, w.EndTime)), near.Words.Select(w => (w.Word, w.StartTime, w.EndTime)));
        Assert.Equal(far.Segments.Select(s => (s.Text, s.StartTime, s.EndTime)), near.Segments.Select(s => (s.Text, s.StartTime, s.EndTime)));
    }

    [Fact]
    public async Task A_picture_from_behind_an_upstream_has_the_size_that_was_asked_for()
    {
        ImageClient client = new(MediaFleet.Painter, Credential, Options);
        var pictures = await client.GenerateImagesAsync("the sea", 2, new ImageGenerationOptions { Size = new GeneratedImageSize(320, 256), ResponseFormat = GeneratedImageFormat.Bytes }, Token);
        Assert.Equal(2, pictures.Value.Count);
        Assert.All(pictures.Value, p => Assert.Equal(new ImageHeader("image/png", 320, 256), ImageHeader.Read(p.ImageBytes)));
    }

    [Theory]
    [InlineData("audio/speech", """{"model":"espeak-ng","input":"Hi","voice":"nobody"}""", "voice")]
    [InlineData("audio/speech", """{"model":"espeak-ng","input":"Hi","voice":"alloy","instructions":"whisper"}""", "instructions")]
    [InlineData("images/generations", """{"model":"painter","prompt":"x","output_format":"webp"}""", "output_format")]
    public async Task What_the_last_node_cannot_do_is_refused_by_name(string path, string body, string param)
    {
        using var response = await _fleet.Http.PostAsync(path, new StringContent(body, null, "application/json"), Token);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((400, param), ((int)response.StatusCode, error.GetProperty("param").GetString()));
    }

    private ApiKeyCredential Credential => new(_fleet.ApiKey);

    private OpenAIClientOptions Options => new() { Endpoint = new Uri(_fleet.BaseUrl), RetryPolicy = new ClientRetryPolicy(0) };

    private async Task<(int Input, int Output)> UsageAsync(HttpResponseMessage response)
    {
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>($"jobs/{response.Headers.GetValues("x-flotilla-job-id").Single()}", Token);
        var usage = job.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
    }
}
