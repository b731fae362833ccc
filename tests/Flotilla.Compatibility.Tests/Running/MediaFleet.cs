using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Testing.Api;
using Xunit;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>One <c>flotilla up</c> that speaks with espeak-ng and listens with pocketsphinx, by the command files that are shipped,
/// and draws with ffmpeg: one colour, but a picture of the size that was asked for.</summary>
public sealed class MediaFleet : IAsyncLifetime
{
    /// <summary>The model that speaks.</summary>
    public const string Speaker = "espeak-ng";

    /// <summary>The model that listens.</summary>
    public const string Listener = "pocketsphinx";

    /// <summary>The model that draws.</summary>
    public const string Painter = "painter";

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
        var painter = Path.Combine(_folder.Path, "painter.json");
        await File.WriteAllTextAsync(painter, PainterFile, limit.Token);
        _process = FlotillaProcess.Start(
            ["up", "--port", "0", "--data", _folder.Path, "--command", CommandFile(Speaker), "--command", CommandFile(Listener), "--command", painter]);
        await _process.WaitForAsync("Try it", limit.Token);
        using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "credentials.json"), limit.Token));
        BaseUrl = credentials.RootElement.GetProperty("base_url").GetString()!;
        ApiKey = credentials.RootElement.GetProperty("api_key").GetString()!;
        Http = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromMinutes(1) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        for (var names = ""; !new[] { Speaker, Listener, Painter }.All(m => names.Contains(m, StringComparison.Ordinal));)
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
