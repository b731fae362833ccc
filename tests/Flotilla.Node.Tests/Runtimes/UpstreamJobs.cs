using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Jobs of sound and pictures for a scripted server, and what it might answer.</summary>
internal static class UpstreamJobs
{
    public const string Key = "sk-secret-upstream-key";

    /// <summary>The beginning of a sound.</summary>
    public const string Wav = "RIFF----WAVEfmt and samples";

    /// <summary>A picture of the size that <see cref="Picture"/> asks for.</summary>
    public static readonly byte[] Png = Pictures.Png(320, 256);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static SpeechRequest Speech => new() { Input = "Hällo", Voice = "alloy", ResponseFormat = "wav", Speed = 1.5f, Instructions = "softly" };

    public static TranscriptionRequest Sound => new() { File = ByteString.CopyFromUtf8(Wav), FileType = "mp3", Language = "de", Prompt = "names" };

    public static ImageRequest Picture => new() { Task = ImageRequest.Types.Task.Generate, Prompt = "a boat", Count = 1, Width = 320, Height = 256, OutputFormat = "png" };

    /// <summary>An answer with pictures.</summary>
    public static string Answer(params byte[][] pictures) =>
        "{\"created\":1,\"data\":[" + string.Join(',', pictures.Select(p => "{\"b64_json\":\"" + Convert.ToBase64String(p) + "\"}")) + "]}";

    /// <summary>Holds what was emitted against the rules of the link.</summary>
    public static void AssertKept(JobKind kind, IMessage work, CollectingOutput output)
    {
        var rules = new OutputRules(kind, kind.Shape(work));
        Assert.All(output.Events, e => Assert.Null(rules.Admit(e, out _)));
        Assert.Equal(-1, rules.Open);
    }

    public static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(ScriptedServer server, JobKind kind, IMessage work)
    {
        using var runtime = Runtime(server);
        var output = new CollectingOutput();
        return (await runtime.RunAsync(Request(kind, work), output, Ct), output);
    }

    public static UpstreamRuntime Runtime(ScriptedServer server, UpstreamModelOptions? details = null, TimeProvider? time = null) => Runtime(server.Url, details, time);

    public static UpstreamRuntime Runtime(Uri server, UpstreamModelOptions? details = null, TimeProvider? time = null) => new(
        new UpstreamOptions
        {
            BaseUrl = server,
            ApiKey = Key,
            Models = new Dictionary<string, string> { [Jobs.Model] = "theirs" },
            Details = new Dictionary<string, UpstreamModelOptions> { [Jobs.Model] = details ?? new UpstreamModelOptions() },
        },
        time: time);

    public static RunRequest Request(JobKind kind, IMessage work) => new()
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
