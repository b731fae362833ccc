using System.Text;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Sound and pictures by another server, which may be as wrong as it likes.</summary>
public sealed class UpstreamMediaTests
{
    private const string Key = "sk-secret-upstream-key";
    private const string Wav = "RIFF----WAVEfmt and samples";
    private const string Heard = """{"text":"Hello world","duration":2.5,"segments":[{"start":0,"end":1.2,"text":" Hello"},{"start":1.2,"end":2.4,"text":" world"}],"words":[{"word":"Hello","start":0.1,"end":1},{"word":"world","start":1.3,"end":2.2}]}""";
    private const string NoFormat = """{"error":{"message":"response_format 'verbose_json' is not compatible with this model","param":"response_format","code":"unsupported_value"}}""";

    private static readonly byte[] Png = Pictures.Png(320, 256);
    private static readonly byte[] Jpeg = Pictures.Jpeg(320, 256);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static SpeechRequest Speech => new() { Input = "Hällo", Voice = "alloy", ResponseFormat = "wav", Speed = 1.5f, Instructions = "softly" };

    private static TranscriptionRequest Sound => new() { File = ByteString.CopyFromUtf8(Wav), FileType = "mp3", Language = "de", Prompt = "names" };

    private static ImageRequest Picture => new() { Task = ImageRequest.Types.Task.Generate, Prompt = "a boat", Count = 1, Width = 320, Height = 256, OutputFormat = "png" };

    [Fact]
    public async Task Speech_goes_on_while_the_server_still_speaks()
    {
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n{Wav}"), ct);
            await more.Task.WaitAsync(ct);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(", and more"), ct);
        });
        using var runtime = Runtime(server);
        var output = new CollectingOutput();

        var running = runtime.RunAsync(Request(JobKind.Speech, Speech), output, Ct);

        Assert.Equal(5u, (await output.NextAsync(Ct)).PromptReady.PromptTokens);
        Assert.Equal(Wav, (await output.NextAsync(Ct)).Media.Data.ToStringUtf8());
        more.SetResult();
        var result = await running;
        Assert.Null(result.Failure);
        Assert.Equal(5u, result.Usage.PromptTokens);
        Assert.Equal(Wav + ", and more", Encoding.UTF8.GetString(output.Media()));
        AssertKept(JobKind.Speech, Speech, output);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/audio/speech HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {Key}", request, StringComparison.Ordinal);
        Assert.EndsWith("""{"model":"theirs","input":"Hällo","voice":"alloy","instructions":"softly","response_format":"wav","speed":1.5}""", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_reader_is_not_taken_for_a_slow_server()
    {
        var time = new ManualTimeProvider();
        var window = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "audio/wav", Wav));
        using var runtime = Runtime(server, time: time);
        var output = new CollectingOutput { Window = window.Task };
        var running = runtime.RunAsync(Request(JobKind.Speech, Speech), output, Ct);
        await output.Reached.WaitAsync(Ct);

        time.Advance(TimeSpan.FromHours(1));
        window.SetResult();

        Assert.Null((await running).Failure);
        Assert.Equal(Wav, Encoding.UTF8.GetString(output.Media()));
    }

    [Fact]
    public async Task A_cancelled_job_drops_its_connection_in_the_middle_of_speech()
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nConnection: close\r\n\r\n{Wav}"), ct);
            await DroppedAsync(stream, ct);
        });
        using var runtime = Runtime(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var output = new CollectingOutput();
        var running = runtime.RunAsync(Request(JobKind.Speech, Speech), output, cancel.Token);
        await output.First.WaitAsync(Ct);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_cancelled_job_does_not_wait_for_its_picture()
    {
        await using var server = new ScriptedServer(DroppedAsync);
        using var runtime = Runtime(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = runtime.RunAsync(Request(JobKind.Image, Picture), new CollectingOutput(), cancel.Token);
        await server.RequestAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    public static TheoryData<string, string, Code, string> Failures => new()
    {
        { "another format", ScriptedServer.Http(200, "audio/wav", "OggS---------------"), Code.Unsupported, "response_format" },
        { "no sound", ScriptedServer.Http(200, "audio/wav", "what you asked for is no sound"), Code.Runtime, "" },
        { "a page", ScriptedServer.Http(200, "text/html", Wav), Code.Runtime, "" },
        { "JSON", ScriptedServer.Http(200, "application/json", """{"error":"out of memory"}"""), Code.Runtime, "" },
        { "nothing", ScriptedServer.Http(200, "audio/wav", ""), Code.Runtime, "" },
        { "cut", ScriptedServer.Http(200, "audio/wav", Wav)[..^5], Code.Unavailable, "" },
        { "cut before anything", "", Code.Unavailable, "" },
        { "400", ScriptedServer.Http(400, "application/json", $$$"""{"error":{"message":"no such voice {{{Key}}}","param":"voice"}}"""), Code.InvalidRequest, "voice" },
        { "401", ScriptedServer.Http(401, "application/json", $$$"""{"error":{"message":"Incorrect API key: {{{Key}}}"}}"""), Code.Unavailable, "" },
        { "404", ScriptedServer.Http(404, "application/json", """{"detail":"Not Found"}"""), Code.Unavailable, "" },
        { "429", ScriptedServer.Http(429, "application/json", "{}"), Code.Unavailable, "" },
        { "500", ScriptedServer.Http(500, "text/html", "<h1>Traceback</h1>"), Code.Runtime, "" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_server_that_does_not_speak_fails_the_job_alone(string what, string answer, Code code, string param)
    {
        await using var server = new ScriptedServer(answer);
        var (result, _) = await RunAsync(server, JobKind.Speech, Speech);
        Assert.True(result.Failure?.Code == code, $"{what}: {result.Failure}");
        Assert.Equal(param, result.Failure!.Param);
        Assert.Equal(code is Code.Unavailable or Code.Runtime, result.Failure.Retryable);
        Assert.DoesNotContain(Key, result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_follows_no_redirect()
    {
        await using var elsewhere = new ScriptedServer(ScriptedServer.Http(200, "audio/wav", Wav));
        await using var server = new ScriptedServer(ScriptedServer.Http(307, "text/plain", "", $"Location: {elsewhere.Url}/audio/speech\r\n"));
        var (result, output) = await RunAsync(server, JobKind.Speech, Speech);
        Assert.Equal(Code.Unavailable, result.Failure?.Code);
        Assert.Empty(output.Events);
        Assert.Equal(0, elsewhere.Waiting);
    }

    [Theory]
    [InlineData("audio/wav", Wav)]
    [InlineData("application/json", "{\"text\":\"")]
    [InlineData("application/json", "{\"data\":[{\"b64_json\":\"")]
    public async Task An_answer_without_end_is_refused_and_the_connection_dropped(string type, string begins)
    {
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n{begins}"), ct);
            var junk = new byte[64 * 1024];
            Array.Fill(junk, (byte)'x');
            while (true)
                await stream.WriteAsync(junk, ct);
        });
        var (kind, work) = Asking(begins);
        var (result, output) = await RunAsync(server, kind, work);
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.True(output.Events.Sum(e => e.Media?.Data.Length ?? 0) <= kind.Shape(work).OutputMax);
        await server.Dropped.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_model_has_the_patience_that_its_owner_gave_it_and_says_that_it_goes_on()
    {
        var (time, answer) = (new ManualTimeProvider(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var server = new ScriptedServer(async (stream, ct) =>
        {
            await answer.Task.WaitAsync(ct);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ScriptedServer.Http(200, "application/json", Answer(Png))), ct);
        });
        using var runtime = Runtime(server, new UpstreamModelOptions { Seconds = 300 }, time);
        var output = new CollectingOutput();
        var running = runtime.RunAsync(Request(JobKind.Image, Picture), output, Ct);
        await server.RequestAsync();

        time.Advance(NodeLimits.ProgressInterval);
        Assert.NotNull((await output.NextAsync(Ct)).Progress);
        time.Advance(TimeSpan.FromSeconds(299) - NodeLimits.ProgressInterval);
        answer.SetResult();

        Assert.Null((await running).Failure);
        AssertKept(JobKind.Image, Picture, output);
    }

    [Fact]
    public async Task Patience_has_an_end()
    {
        var time = new ManualTimeProvider();
        await using var server = new ScriptedServer((_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        using var runtime = Runtime(server, new UpstreamModelOptions { Seconds = 300 }, time);
        var running = runtime.RunAsync(Request(JobKind.Image, Picture), new CollectingOutput(), Ct);
        await server.RequestAsync();
        time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(UpstreamFailures.Silent, (await running).Failure);
    }

    [Fact]
    public async Task A_voice_is_called_what_the_server_calls_it()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "audio/wav", Wav));
        using var runtime = Runtime(server, new UpstreamModelOptions { Voices = new Dictionary<string, string> { ["alloy"] = "af_heart" } });
        Assert.Null((await runtime.RunAsync(Request(JobKind.Speech, Speech), new CollectingOutput(), Ct)).Failure);
        Assert.Contains("\"voice\":\"af_heart\"", await server.RequestAsync(), StringComparison.Ordinal);

        var other = Speech;
        other.Voice = "nova";
        var failure = (await runtime.RunAsync(Request(JobKind.Speech, other), new CollectingOutput(), Ct)).Failure!;

        Assert.Equal((Code.InvalidRequest, "voice"), (failure.Code, failure.Param));
        Assert.Contains("alloy", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task A_transcript_has_its_segments_words_and_seconds()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Heard));
        var work = Sound;
        work.Words = true;

        var (result, output) = await RunAsync(server, JobKind.Transcription, work);

        Assert.Null(result.Failure);
        Assert.Equal((uint)Math.Min(3, JobKind.Transcription.Shape(work).InputUnitsMax), result.Usage.PromptTokens);
        var segments = output.Events.Where(e => e.Segment is not null).Select(e => e.Segment).ToArray();
        Assert.Equal([(0u, 1200u, " Hello"), (1200u, 2400u, " world")], segments.Select(s => (s.StartMs, s.EndMs, s.Text)));
        Assert.Equal([(100u, 1000u, "Hello"), (1300u, 2200u, "world")], segments.SelectMany(s => s.Words).Select(w => (w.StartMs, w.EndMs, w.Text)));
        AssertKept(JobKind.Transcription, work, output);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/audio/transcriptions HTTP/1.1", request, StringComparison.Ordinal);
        // The bytes are a WAV file, whatever the client's name for it said.
        Assert.Contains("form-data; name=\"file\"; filename=\"audio.wav\"\r\nContent-Type: audio/wav\r\n", request, StringComparison.Ordinal);
        foreach (var value in new[] { "theirs", "verbose_json", "de", "names", "segment", "word", Wav })
            Assert.Contains($"\r\n\r\n{value}\r\n--", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_translation_has_a_path_of_its_own()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Heard));
        var work = new TranscriptionRequest { File = Sound.File, Translate = true };
        Assert.Null((await RunAsync(server, JobKind.Transcription, work)).Result.Failure);
        Assert.StartsWith("POST /v1/audio/translations HTTP/1.1", await server.RequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_times_is_asked_for_the_text_alone_and_remembered()
    {
        var text = ScriptedServer.Http(200, "application/json", """{"text":"Hello world","usage":{"type":"duration","seconds":1}}""");
        await using var server = new ScriptedServer(ScriptedServer.Http(400, "application/json", NoFormat), text, text);
        using var runtime = Runtime(server);

        var output = new CollectingOutput();
        Assert.Null((await runtime.RunAsync(Request(JobKind.Transcription, Sound), output, Ct)).Failure);
        Assert.Null((await runtime.RunAsync(Request(JobKind.Transcription, Sound), new CollectingOutput(), Ct)).Failure);
        var work = Sound;
        work.Words = true;
        var failure = (await runtime.RunAsync(Request(JobKind.Transcription, work), new CollectingOutput(), Ct)).Failure;

        Assert.Equal((0u, 1000u, "Hello world"), output.Events.Where(e => e.Segment is not null).Select(e => (e.Segment.StartMs, e.Segment.EndMs, e.Segment.Text)).Single());
        Assert.Equal((Code.Unsupported, "timestamp_granularities"), (failure!.Code, failure.Param));
        Assert.Contains("verbose_json", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("verbose_json", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("verbose_json", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.Equal(0, server.Waiting);
    }

    public static TheoryData<string, Code> NoTranscripts => new()
    {
        { "{", Code.Runtime },
        { "[]", Code.Runtime },
        { """{"text":7}""", Code.Runtime },
        { """{"segments":[]}""", Code.Runtime },
        { $$"""{"text":"{{new string('x', 100_000)}}"}""", Code.Runtime },
        { """{"text":"no times of words","segments":[{"start":0,"end":1,"text":"no times of words"}]}""", Code.Unsupported },
    };

    [Theory]
    [MemberData(nameof(NoTranscripts))]
    public async Task What_is_no_transcript_fails_the_job_alone(string answer, Code code)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", answer));
        var work = Sound;
        work.Words = true;
        var (result, output) = await RunAsync(server, JobKind.Transcription, work);
        Assert.Equal(code, result.Failure!.Code);
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task Pictures_come_in_their_order_whatever_their_size()
    {
        var large = Png.Concat(new byte[100_000]).ToArray();
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(large, Png)));
        var work = Picture;
        work.Count = 2;

        var (result, output) = await RunAsync(server, JobKind.Image, work);

        Assert.Null(result.Failure);
        Assert.Equal(2u, result.Usage.CompletionTokens);
        Assert.Equal(large, output.Media(0));
        Assert.Equal(Png, output.Media(1));
        AssertKept(JobKind.Image, work, output);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/generations HTTP/1.1", request, StringComparison.Ordinal);
        Assert.EndsWith("""{"model":"theirs","prompt":"a boat","n":2,"size":"320x256","response_format":"b64_json"}""", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_sends_its_pictures_and_its_mask()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = Picture;
        work.Task = ImageRequest.Types.Task.Edit;
        work.Images.Add([ByteString.CopyFrom(Png), ByteString.CopyFrom(Jpeg)]);
        work.Mask = ByteString.CopyFrom(Png);

        var (result, output) = await RunAsync(server, JobKind.Image, work);

        Assert.Null(result.Failure);
        Assert.Equal(Png, output.Media());
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/edits HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image[]\"; filename=\"image.png\"\r\nContent-Type: image/png", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image[]\"; filename=\"image.jpeg\"\r\nContent-Type: image/jpeg", request, StringComparison.Ordinal);
        Assert.Contains("name=\"mask\"; filename=\"image.png\"", request, StringComparison.Ordinal);
        Assert.Contains("name=\"prompt\"\r\n\r\na boat\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variation_has_one_picture_and_no_words()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "png", Images = { ByteString.CopyFrom(Png) }, Strength = 0.5f };
        Assert.Null((await RunAsync(server, JobKind.Image, work)).Result.Failure);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/variations HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image\"; filename=\"image.png\"", request, StringComparison.Ordinal);
        Assert.Contains("name=\"strength\"\r\n\r\n0.5\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("\"prompt\"", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clients_file_that_is_no_picture_goes_nowhere()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "png", Images = { ByteString.CopyFromUtf8("%PDF-1.7 and no picture") } };
        var failure = (await RunAsync(server, JobKind.Image, work)).Result.Failure!;
        Assert.Equal((Code.InvalidRequest, "image", false), (failure.Code, failure.Param, failure.Retryable));
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task A_server_that_knows_no_response_format_is_asked_without_it()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Http(400, "application/json", """{"error":{"message":"Unknown parameter: 'response_format'.","code":"unknown_parameter"}}"""),
            ScriptedServer.Http(200, "application/json", Answer(Png)));
        Assert.Null((await RunAsync(server, JobKind.Image, Picture)).Result.Failure);
        Assert.Contains("response_format", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("response_format", await server.RequestAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, Code> NoPictures => new()
    {
        { Answer(), Code.Runtime },
        { Answer(Png, Png), Code.Runtime },
        { Answer(Jpeg), Code.Unsupported },
        { Answer(Pictures.Png(256, 320)), Code.Unsupported },
        { Answer(Png[..20]), Code.Runtime },
        { Answer("MZ and a program"u8.ToArray()), Code.Runtime },
        { """{"data":[{"url":"http://169.254.169.254/latest"}]}""", Code.Runtime },
        { """{"data":[{"b64_json":"???"}]}""", Code.Runtime },
        { """{"data":[7]}""", Code.Runtime },
        { """{"data":{}}""", Code.Runtime },
        { "{", Code.Runtime },
    };

    [Theory]
    [MemberData(nameof(NoPictures))]
    public async Task What_is_no_picture_fails_the_job_alone(string answer, Code code)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", answer));
        var (result, output) = await RunAsync(server, JobKind.Image, Picture);
        Assert.Equal(code, result.Failure!.Code);
        Assert.Empty(output.Events);
    }

    private static string Answer(params byte[][] pictures) =>
        "{\"created\":1,\"data\":[" + string.Join(',', pictures.Select(p => "{\"b64_json\":\"" + Convert.ToBase64String(p) + "\"}")) + "]}";

    private static (JobKind Kind, IMessage Work) Asking(string answer) =>
        answer == Wav ? (JobKind.Speech, Speech) : answer.Contains("text", StringComparison.Ordinal) ? (JobKind.Transcription, Sound) : (JobKind.Image, Picture);

    private static async Task DroppedAsync(System.Net.Sockets.NetworkStream stream, CancellationToken ct)
    {
        while (await stream.ReadAsync(new byte[1], ct) > 0)
        {
        }

        throw new IOException("dropped");
    }

    private static void AssertKept(JobKind kind, IMessage work, CollectingOutput output)
    {
        var rules = new OutputRules(kind, kind.Shape(work));
        Assert.All(output.Events, e => Assert.Null(rules.Admit(e, out _)));
        Assert.Equal(-1, rules.Open);
    }

    private static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(ScriptedServer server, JobKind kind, IMessage work)
    {
        using var runtime = Runtime(server);
        var output = new CollectingOutput();
        return (await runtime.RunAsync(Request(kind, work), output, Ct), output);
    }

    private static UpstreamRuntime Runtime(ScriptedServer server, UpstreamModelOptions? details = null, TimeProvider? time = null) => new(
        new UpstreamOptions
        {
            BaseUrl = server.Url,
            ApiKey = Key,
            Models = new Dictionary<string, string> { [Jobs.Model] = "theirs" },
            Details = new Dictionary<string, UpstreamModelOptions> { [Jobs.Model] = details ?? new UpstreamModelOptions() },
        },
        time: time);

    private static RunRequest Request(JobKind kind, IMessage work) => new()
    {
        JobId = "job_1",
        Model = new Model { Name = Jobs.Model },
        Kind = kind,
        Work = work,
        Shape = kind.Shape(work),
        Seed = 1,
        Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
    };
}
