using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Testing.Api;
using Xunit;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>A <c>flotilla up</c> whose only upstream is a <see cref="MediaFleet"/>: what it can do it learns from that one's catalog.</summary>
public sealed class RelayFleet : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FlotillaProcess? _process;

    /// <summary>The fleet behind it.</summary>
    public MediaFleet Back { get; } = new();

    /// <summary>What an SDK takes as base URL.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>A key with credits.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>An HTTP client of the OpenAI surface; its paths begin at <c>/v1/</c>.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        if (!MediaFleet.IsThere)
            return;
        await Back.InitializeAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        _process = FlotillaProcess.Start(["up", "--port", "0", "--data", _folder.Path, "--upstream", Back.BaseUrl, "--upstream-key", Back.ApiKey]);
        await _process.WaitForAsync("Try it", limit.Token);
        using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "credentials.json"), limit.Token));
        BaseUrl = credentials.RootElement.GetProperty("base_url").GetString()!;
        ApiKey = credentials.RootElement.GetProperty("api_key").GetString()!;
        Http = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromMinutes(1) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        for (var names = ""; !new[] { MediaFleet.Speaker, MediaFleet.Listener, MediaFleet.Painter }.All(m => names.Contains(m, StringComparison.Ordinal));)
            names = await Http.GetStringAsync("catalog", limit.Token);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        await Back.DisposeAsync();
        _folder.Dispose();
    }
}
