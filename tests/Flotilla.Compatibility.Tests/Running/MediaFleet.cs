using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Testing.Api;
using Xunit;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>One <c>flotilla up</c> that speaks with espeak-ng, listens with pocketsphinx, and films and varies with ffmpeg, by the command
/// files that are shipped; and draws, edits and translates with programs that do the least that can be told from nothing.</summary>
public sealed class MediaFleet : IAsyncLifetime
{
    /// <summary>The model that speaks.</summary>
    public const string Speaker = "espeak-ng";

    /// <summary>The model that listens.</summary>
    public const string Listener = "pocketsphinx";

    /// <summary>The model that draws.</summary>
    public const string Painter = "painter";

    /// <summary>The model that changes pictures: into their negative, or where there is a mask, to what is white in it.</summary>
    public const string Retoucher = "retoucher";

    /// <summary>The model that varies pictures.</summary>
    public const string Varier = "ffmpeg-variation";

    /// <summary>The model that makes videos.</summary>
    public const string Filmer = "ffmpeg-video";

    /// <summary>A model that hears two sentences in whatever it is given, and can say them in English.</summary>
    public const string Interpreter = "interpreter";

    /// <summary>The same without the first half.</summary>
    public const string Translator = "translator";

    /// <summary>What a test says that is skipped for want of the programs.</summary>
    public const string Needed = "Debian's espeak-ng, ffmpeg and pocketsphinx are needed; ./test installs them where there is apt-get.";

    private const string RetoucherFile = """
        {
          "model": "retoucher", "does": "image", "output_file": "answer.png",
          "programs": [{ "run": ["ffmpeg", "-v", "error", "-protocol_whitelist", "file", "-i", "file:{image}", "{mask}", "-frames:v", "1", "-y", "answer.png"] }],
          "choices": {
            "task": { "edit": [] }, "output_format": { "png": [] },
            "mask": { "none": ["-vf", "negate"], "given": ["-i", "file:mask", "-filter_complex", "[1:v]format=gray[alpha];[0:v][alpha]alphamerge"] }
          }
        }
        """;

    private const string InterpreterFile = """
        {
          "model": "NAME", "does": "transcription", "transcript": "srt", "pcm_bytes_per_second": 32000,
          "programs": [
            { "run": ["ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file", "-format_whitelist", "wav", "-i", "file:{file}", "-ar", "16000", "-ac", "1", "-f", "s16le", "pipe:1"] },
            { "run": ["sh", "-c", "cat >/dev/null; printf '1\n00:00:00,000 --> 00:00:01,000\n%s\n\n2\n00:00:01,000 --> 00:00:01,500\n%s\n\n' \"$1\" \"$2\"", "sh", "{task}"] }
          ],
          "choices": { "task": { TASKS "translate": ["Good morning.", "How are you?"] } }
        }
        """;

    private const string PainterFile = """
        {
          "model": "painter", "does": "image", "output_file": "answer.png",
          "programs": [{ "run": ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=teal:s={width}x{height}", "-frames:v", "1", "-y", "answer.png"] }],
          "choices": { "output_format": { "png": [] } }, "width": 80, "height": 64
        }
        """;

    private readonly TemporaryFolder _folder = new();
    private FlotillaProcess? _process;

    /// <summary>Whether the programs are there; where they are not, its tests are skipped.</summary>
    public static bool IsThere { get; } = new[] { "espeak-ng", "ffmpeg", "pocketsphinx_continuous" }.All(p => File.Exists("/usr/bin/" + p));

    /// <summary>What an SDK takes as base URL.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>A key with credits.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>An HTTP client of the OpenAI surface; its paths begin at <c>/v1/</c>.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (!IsThere)
            return;
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "flotilla.json"), """{ "namespaces": { "default": { "videos": true } }, "video_hours": 1 }""", limit.Token);
        string[] own =
        [
            PainterFile, RetoucherFile, InterpreterFile.Replace("NAME", Translator, StringComparison.Ordinal).Replace("TASKS", "", StringComparison.Ordinal),
            InterpreterFile.Replace("NAME", Interpreter, StringComparison.Ordinal).Replace("TASKS", "\"transcribe\": [\"Guten Morgen.\", \"Wie geht es dir?\"],", StringComparison.Ordinal),
        ];
        List<string> files = [.. new[] { Speaker, Listener, Varier, Filmer }.Select(CommandFile)];
        foreach (var (number, text) in own.Index())
        {
            files.Add(Path.Combine(_folder.Path, $"command{number}.json"));
            await File.WriteAllTextAsync(files[^1], text, limit.Token);
        }

        _process = FlotillaProcess.Start(["up", "--port", "0", "--data", _folder.Path, .. files.SelectMany(f => (string[])["--command", f])]);
        await _process.WaitForAsync("Try it", limit.Token);
        using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "credentials.json"), limit.Token));
        BaseUrl = credentials.RootElement.GetProperty("base_url").GetString()!;
        ApiKey = credentials.RootElement.GetProperty("api_key").GetString()!;
        Http = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromMinutes(1) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        for (var names = ""; !new[] { Speaker, Listener, Painter, Retoucher, Varier, Filmer, Interpreter, Translator }.All(m => names.Contains($"\"{m}\"", StringComparison.Ordinal));)
            names = await Http.GetStringAsync("catalog", limit.Token);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string CommandFile(string model) => Path.Combine(AppContext.BaseDirectory, "models", "commands", model + ".json");
}
