using System.Text;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;
using static Flotilla.Node.Tests.Runtimes.UpstreamJobs;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Sound and pictures by another server, which may be slow, silent, endless or no server at all.</summary>
public sealed class UpstreamMediaTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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

    private static (JobKind Kind, IMessage Work) Asking(string answer) =>
        answer == Wav ? (JobKind.Speech, Speech) : answer.Contains("text", StringComparison.Ordinal) ? (JobKind.Transcription, Sound) : (JobKind.Image, Picture);

    private static async Task DroppedAsync(System.Net.Sockets.NetworkStream stream, CancellationToken ct)
    {
        while (await stream.ReadAsync(new byte[1], ct) > 0)
        {
        }

        throw new IOException("dropped");
    }
}
