using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using OpenAI;
using OpenAI.Audio;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Speech and transcription by real programs, through the official OpenAI package for .NET.</summary>
public sealed class SpeechTests : IClassFixture<MediaFleet>
{
    private static readonly string[] Sentences =
    [
        "the quick brown fox jumps over the lazy dog",
        "please send the money to my bank account",
        "what time does the train leave for london tomorrow morning",
        "one two three four five six seven eight nine ten",
        "the weather is very nice today and we are going to the beach",
    ];

    private readonly MediaFleet _fleet;

    public SpeechTests(MediaFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, MediaFleet.Needed);
        _fleet = fleet;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Formats => new()
    {
        { "wav", "audio/wav", "RIFF" },
        { "flac", "audio/flac", "fLaC" },
        { "opus", "audio/ogg", "OggS" },
        { "mp3", "audio/mpeg", "" },
        { "aac", "audio/aac", "" },
        { "pcm", "audio/pcm", "" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Speech_comes_in_every_format(string format, string mediaType, string begins)
    {
        using var response = await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hello, world!", voice = "alloy", response_format = format }, Token);
        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        var sound = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.True(sound.Length > 2000, $"{sound.Length} bytes");
        Assert.StartsWith(begins, Encoding.Latin1.GetString(sound), StringComparison.Ordinal);
        if (format is "mp3" or "aac")
            Assert.True(sound.AsSpan().StartsWith("ID3"u8) || sound[0] == 0xFF, $"{sound[0]:x2}");
    }

    [Fact]
    public async Task Speed_makes_it_shorter_and_longer()
    {
        async Task<int> LengthAsync(float speed) =>
            (await Speaker().GenerateSpeechAsync("The sun is shining.", "alloy", new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Pcm, SpeedRatio = speed }, Token)).Value.ToMemory().Length;
        var normal = await LengthAsync(1);
        Assert.InRange(await LengthAsync(4) * 4d / normal, 0.8, 1.2);
        Assert.InRange(await LengthAsync(0.25f) / 4d / normal, 0.8, 1.2);
    }

    [Fact]
    public async Task The_first_sound_is_there_before_the_text_is_spoken()
    {
        var text = string.Join(' ', Enumerable.Repeat("This is a rather long text that takes its time.", 80));
        var body = new { model = MediaFleet.Speaker, input = text, voice = "alloy", response_format = "pcm" };
        // The first run pays for what the process loads once.
        (await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hello", voice = "alloy" }, Token)).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Post, "audio/speech") { Content = JsonContent.Create(body) };
        var clock = Stopwatch.StartNew();
        using var response = await _fleet.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var sound = await response.Content.ReadAsStreamAsync(Token);
        var buffer = new byte[64 * 1024];
        Assert.True(await sound.ReadAsync(buffer, Token) > 0);
        var first = clock.Elapsed;
        while (await sound.ReadAsync(buffer, Token) > 0)
        {
        }

        TestContext.Current.SendDiagnosticMessage($"first sound after {first.TotalMilliseconds:0} ms, all of it after {clock.Elapsed.TotalMilliseconds:0} ms");
        Assert.True(first < clock.Elapsed / 2, $"the first sound came after {first.TotalMilliseconds:0} of {clock.Elapsed.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task Speech_as_events_is_the_same_sound()
    {
        var body = new { model = MediaFleet.Speaker, input = "Hello", voice = "alloy", response_format = "pcm" };
        var plain = await (await _fleet.Http.PostAsJsonAsync("audio/speech", body, Token)).Content.ReadAsByteArrayAsync(Token);
        var text = await (await _fleet.Http.PostAsJsonAsync("audio/speech", new { body.model, body.input, body.voice, body.response_format, stream_format = "sse" }, Token)).Content.ReadAsStringAsync(Token);
        var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l["data: ".Length..]).RootElement).ToArray();
        Assert.Equal(plain, events.Where(e => e.GetProperty("type").GetString() == "speech.audio.delta").SelectMany(e => e.GetProperty("audio").GetBytesFromBase64()));
        Assert.Equal("speech.audio.done", events[^1].GetProperty("type").GetString());
        Assert.Equal(5, events[^1].GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-f /etc/passwd")]
    [InlineData("$(touch x) `id` ; rm -rf / | cat > y & <voice name=\"x\">")]
    public async Task A_text_is_spoken_whatever_it_says(string text)
    {
        var sound = (await Speaker().GenerateSpeechAsync(text, "alloy", new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav }, Token)).Value;
        Assert.StartsWith("RIFF", Encoding.Latin1.GetString(sound.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"espeak-ng","input":"Hi","voice":"nobody"}""", "voice")]
    [InlineData("""{"model":"espeak-ng","input":"Hi","voice":"../../etc/passwd"}""", "voice")]
    [InlineData("""{"model":"espeak-ng","input":"Hi","voice":"alloy","instructions":"whisper"}""", "instructions")]
    [InlineData("""{"model":"espeak-ng","input":"a\u0000b","voice":"alloy"}""", "input")]
    [InlineData("""{"model":"espeak-ng","input":"","voice":"alloy"}""", "input")]
    [InlineData("""{"model":"espeak-ng","input":"Hi","voice":"alloy","speed":4.01}""", "speed")]
    [InlineData("""{"model":"espeak-ng","input":"Hi","voice":"alloy","response_format":"midi"}""", "response_format")]
    [InlineData("""{"model":"espeak-ng","input":"Hi"}""", "voice")]
    [InlineData("""{"model":"pocketsphinx","input":"Hi","voice":"alloy"}""", "model")]
    public async Task What_cannot_be_spoken_is_refused_by_name(string body, string param)
    {
        using var response = await _fleet.Http.PostAsync("audio/speech", new StringContent(body, Encoding.UTF8, "application/json"), Token);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((400, param), ((int)response.StatusCode, error.GetProperty("param").GetString()));
    }

    [Fact]
    public async Task What_is_spoken_is_written_down()
    {
        var (wrong, words) = (0, 0);
        foreach (var sentence in Sentences)
        {
            var sound = (await Speaker().GenerateSpeechAsync(sentence, "alloy", new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Flac }, Token)).Value;
            var heard = (await Listener().TranscribeAudioAsync(sound.ToStream(), "speech.flac", new AudioTranscriptionOptions { Language = "en" }, Token)).Value.Text;
            wrong += Distance(sentence.Split(' '), heard.Split(' '));
            words += sentence.Split(' ').Length;
        }

        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"word error rate {(double)wrong / words:0.00} over {words} words"));
        // A synthesiser of formants is the hardest speaker that there is; guesses would be all wrong.
        Assert.InRange((double)wrong / words, 0, 0.6);
    }

    [Fact]
    public async Task A_transcript_has_words_and_segments_with_their_times()
    {
        var sound = (await Speaker().GenerateSpeechAsync(Sentences[3], "alloy", new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav }, Token)).Value;
        var options = new AudioTranscriptionOptions
        {
            ResponseFormat = AudioTranscriptionFormat.Verbose, TimestampGranularities = AudioTimestampGranularities.Word | AudioTimestampGranularities.Segment,
        };
        var transcript = (await Listener().TranscribeAudioAsync(sound.ToStream(), "speech.wav", options, Token)).Value;
        Assert.InRange(transcript.Duration!.Value.TotalSeconds, 2, 10);
        Assert.NotEmpty(transcript.Segments);
        Assert.NotEmpty(transcript.Words);
        Assert.Equal(transcript.Text, string.Join(' ', transcript.Words.Select(w => w.Word)));
        Assert.All(transcript.Words, w => Assert.True(w.StartTime <= w.EndTime && w.EndTime <= transcript.Duration));
    }

    [Theory]
    [InlineData("text", "text/plain", "")]
    [InlineData("srt", "text/plain", "1\n00:00:0")]
    [InlineData("vtt", "text/vtt", "WEBVTT\n\n00:00:0")]
    public async Task A_transcript_comes_as_text_and_as_subtitles(string format, string mediaType, string begins)
    {
        using var response = await TranscribeAsync(await HelloAsync(), ("response_format", format));
        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.StartsWith(begins, text, StringComparison.Ordinal);
        Assert.Contains('\n', text);
    }

    [Fact]
    public async Task A_transcript_is_streamed_as_events()
    {
        using var response = await TranscribeAsync(await HelloAsync(), ("stream", "true"));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var events = (await response.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l["data: ".Length..]).RootElement).ToArray();
        Assert.Equal("transcript.text.done", events[^1].GetProperty("type").GetString());
        Assert.Equal(events[^1].GetProperty("text").GetString(), string.Concat(events[..^1].Select(e => e.GetProperty("delta").GetString())));
        Assert.True(events[^1].GetProperty("usage").GetProperty("seconds").GetInt32() >= 1);
    }

    public static TheoryData<string, string> Files => new()
    {
        { "no sound at all", "hello" },
        { "a playlist that names a file", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" },
        { "a list for concatenation", "ffconcat version 1.0\nfile /etc/passwd\n" },
        { "the head of a WAV file", "RIFF\u0000\u0000\u0000\u0000WAVE" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_that_is_no_sound_is_refused(string what, string content)
    {
        using var response = await TranscribeAsync(Encoding.Latin1.GetBytes(content));
        Assert.True((int)response.StatusCode == 400, what);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal("file", error.GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("language", "de")]
    [InlineData("prompt", "Flotilla")]
    [InlineData("response_format", "midi")]
    [InlineData("temperature", "2")]
    [InlineData("stream", "perhaps")]
    [InlineData("include[]", "logprobs")]
    [InlineData("timestamp_granularities[]", "word")]
    public async Task What_cannot_be_had_of_a_transcript_is_refused_by_name(string field, string value)
    {
        using var response = await TranscribeAsync(await HelloAsync(), (field, value));
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((400, field.Replace("[]", "", StringComparison.Ordinal)), ((int)response.StatusCode, error.GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("audio/translations")]
    [InlineData("audio/translation")]
    public async Task A_model_that_does_not_translate_says_so(string path)
    {
        using var form = Form(await HelloAsync());
        using var response = await _fleet.Http.PostAsync(path, form, Token);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal((400, "model_not_for_endpoint"), ((int)response.StatusCode, error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task The_catalog_names_the_voices_that_can_be_asked_for_and_what_a_price_counts()
    {
        var data = (await _fleet.Http.GetFromJsonAsync<JsonElement>("catalog", Token)).GetProperty("data").EnumerateArray().ToDictionary(m => m.GetProperty("id").GetString()!);
        var voices = data[MediaFleet.Speaker].GetProperty("voices").EnumerateArray().Select(v => v.GetString()!).ToList();
        Assert.Contains("alloy", voices);
        Assert.Contains("de", voices);
        Assert.Equal("credits per million characters", data[MediaFleet.Speaker].GetProperty("prices").GetProperty("unit").GetString());
        Assert.Equal("credits per million audio seconds", data[MediaFleet.Listener].GetProperty("prices").GetProperty("unit").GetString());
        using var spoken = await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hallo!", voice = voices[^1], response_format = "wav" }, Token);
        Assert.Equal(200, (int)spoken.StatusCode);
        using var unknown = await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hallo!", voice = "nobody" }, Token);
        Assert.Equal(400, (int)unknown.StatusCode);
    }

    [Fact]
    public async Task Speech_costs_its_characters_and_a_transcript_its_seconds()
    {
        using var spoken = await _fleet.Http.PostAsJsonAsync("audio/speech", new { model = MediaFleet.Speaker, input = "Hällo!", voice = "alloy", response_format = "wav" }, Token);
        var sound = await spoken.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal((6, 0), await UsageAsync(spoken));
        using var written = await TranscribeAsync(sound);
        await written.Content.ReadAsStringAsync(Token);
        var (seconds, output) = await UsageAsync(written);
        Assert.Equal((Math.Ceiling((sound.Length - 78) / 44100d), 0), (seconds, output));
    }

    private async Task<(int Input, int Output)> UsageAsync(HttpResponseMessage response)
    {
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>($"jobs/{response.Headers.GetValues("x-flotilla-job-id").Single()}", Token);
        var usage = job.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
    }

    private async Task<byte[]> HelloAsync() => (await Speaker().GenerateSpeechAsync("Hello", "alloy", new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Opus }, Token)).Value.ToArray();

    private async Task<HttpResponseMessage> TranscribeAsync(byte[] file, params (string Name, string Value)[] fields)
    {
        using var form = Form(file, fields);
        return await _fleet.Http.PostAsync("audio/transcriptions", form, Token);
    }

    private static MultipartFormDataContent Form(byte[] file, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent { { new StringContent(MediaFleet.Listener), "model" }, { new ByteArrayContent(file), "file", "../../a b.ogg" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    private AudioClient Speaker() => Client(MediaFleet.Speaker);

    private AudioClient Listener() => Client(MediaFleet.Listener);

    private AudioClient Client(string model) => new(
        model, new ApiKeyCredential(_fleet.ApiKey), new OpenAIClientOptions { Endpoint = new Uri(_fleet.BaseUrl), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>The words to change, drop or add to come from one sentence to the other.</summary>
    private static int Distance(string[] said, string[] heard)
    {
        var row = Enumerable.Range(0, heard.Length + 1).ToArray();
        for (var i = 1; i <= said.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= heard.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (said[i - 1] == heard[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
