using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using static Flotilla.Node.Tests.Runtimes.UpstreamJobs;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>What another server heard, and what it might say instead.</summary>
public sealed class UpstreamTranscriptTests
{
    private const string Heard = """{"text":"Hello world","duration":2.5,"segments":[{"start":0,"end":1.2,"text":" Hello"},{"start":1.2,"end":2.4,"text":" world"}],"words":[{"word":"Hello","start":0.1,"end":1},{"word":"world","start":1.3,"end":2.2}]}""";
    private const string NoFormat = """{"error":{"message":"response_format 'verbose_json' is not compatible with this model","param":"response_format","code":"unsupported_value"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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
}
