using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using OpenAI;
using OpenAI.Audio;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Translations through the public door. The program behind them knows two sentences: what is shown is the way there and back.</summary>
public sealed class TranslationTests : IClassFixture<MediaFleet>
{
    private readonly MediaFleet _fleet;

    public TranslationTests(MediaFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, MediaFleet.Needed);
        _fleet = fleet;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("audio/translations", "json", "application/json", "{\"text\":\"Good morning. How are you?\",\"usage\":{\"type\":\"duration\",\"seconds\":2}}")]
    [InlineData("audio/translation", "json", "application/json", "{\"text\":\"Good morning. How are you?\",\"usage\":{\"type\":\"duration\",\"seconds\":2}}")]
    [InlineData("audio/translations", "text", "text/plain", "Good morning. How are you?\n")]
    [InlineData("audio/translations", "srt", "text/plain", "1\n00:00:00,000 --> 00:00:01,000\nGood morning.\n\n2\n00:00:01,000 --> 00:00:01,500\nHow are you?\n\n")]
    [InlineData("audio/translations", "vtt", "text/vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nGood morning.\n\n00:00:01.000 --> 00:00:01.500\nHow are you?\n\n")]
    public async Task A_translation_comes_in_every_format_on_both_paths(string path, string format, string mediaType, string expected)
    {
        using var response = await PostAsync(path, MediaFleet.Interpreter, await SoundAsync(), ("response_format", format));
        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token));
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>("jobs/" + response.Headers.GetValues("x-flotilla-job-id").Single(), Token);
        Assert.Equal(2, job.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task The_SDK_translates_and_the_same_model_transcribes()
    {
        AudioClient client = new(MediaFleet.Interpreter, new ApiKeyCredential(_fleet.ApiKey), new OpenAIClientOptions { Endpoint = new Uri(_fleet.BaseUrl) });
        var sound = await SoundAsync();
        var translation = (await client.TranslateAudioAsync(new MemoryStream(sound), "a.wav", new AudioTranslationOptions { ResponseFormat = AudioTranslationFormat.Verbose }, Token)).Value;
        Assert.Equal(("Good morning. How are you?", "english"), (translation.Text, translation.Language));
        Assert.Equal(2, translation.Segments.Count);
        Assert.Equal("Guten Morgen. Wie geht es dir?", (await client.TranscribeAudioAsync(new MemoryStream(sound), "a.wav", cancellationToken: Token)).Value.Text);
    }

    [Fact]
    public async Task A_model_that_only_translates_gets_no_transcription()
    {
        using var translated = await PostAsync("audio/translations", MediaFleet.Translator, await SoundAsync());
        Assert.Equal(HttpStatusCode.OK, translated.StatusCode);
        using var transcribed = await PostAsync("audio/transcriptions", MediaFleet.Translator, await SoundAsync());
        Assert.Equal("model_not_for_endpoint", (await ErrorAsync(transcribed)).Code);
        using var other = await PostAsync("audio/translations", MediaFleet.Listener, await SoundAsync());
        Assert.Equal("model_not_for_endpoint", (await ErrorAsync(other)).Code);
    }

    [Theory]
    [InlineData("response_format", "midi")]
    [InlineData("temperature", "2")]
    [InlineData("prompt", "a word that this program does not take")]
    public async Task What_cannot_be_had_of_a_translation_is_refused_by_name(string field, string value)
    {
        using var response = await PostAsync("audio/translations", MediaFleet.Interpreter, await SoundAsync(), (field, value));
        Assert.Equal((400, field), ((int)response.StatusCode, (await ErrorAsync(response)).Param));
    }

    [Fact]
    public async Task A_file_that_is_no_sound_is_refused()
    {
        using var response = await PostAsync("audio/translations", MediaFleet.Interpreter, Encoding.ASCII.GetBytes("#EXTM3U\n/etc/passwd\n"));
        Assert.Equal((400, "file"), ((int)response.StatusCode, (await ErrorAsync(response)).Param));
    }

    private static async Task<(string? Code, string? Param)> ErrorAsync(HttpResponseMessage response)
    {
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        return (error.GetProperty("code").GetString(), error.GetProperty("param").GetString());
    }

    /// <summary>One and a half seconds.</summary>
    private static Task<byte[]> SoundAsync() => Ffmpeg.RunAsync([], "-f", "lavfi", "-i", "sine=frequency=440:duration=1.5", "-ar", "16000", "-ac", "1", "-f", "wav");

    private async Task<HttpResponseMessage> PostAsync(string path, string model, byte[] file, params (string Name, string Value)[] fields)
    {
        using MultipartFormDataContent form = new() { { new StringContent(model), "model" }, { new ByteArrayContent(file), "file", "a.wav" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return await _fleet.Http.PostAsync(path, form, Token);
    }
}
