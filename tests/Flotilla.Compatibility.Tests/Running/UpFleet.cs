using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Flotilla.Testing.Api;
using Xunit;

[assembly: AssemblyFixture(typeof(UpFleet))]

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>One <c>flotilla up</c> with the demo model and a scripted server, shared by all tests that only use it.</summary>
public sealed class UpFleet : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ToolServer? _tools;
    private FlotillaProcess? _process;

    /// <summary>Its data folder.</summary>
    public string DataFolder => _folder.Path;

    /// <summary>What an SDK takes as base URL.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>A key with credits.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The admin key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>A key of a namespace without credits.</summary>
    public string EmptyKey { get; private set; } = "";

    /// <summary>The demo model's name.</summary>
    public string Model { get; } = "flotilla-demo";

    /// <summary>An HTTP client of the OpenAI surface; its paths begin at <c>/v1/</c>.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>An HTTP client of the admin API; its paths begin at <c>/admin/v1/</c>.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        _tools = await ToolServer.StartAsync(limit.Token);
        // Webhooks of the tests lead to this machine.
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "flotilla.json"), """{ "outbound_allow_http": true, "outbound_private_ranges": ["127.0.0.1/32"] }""", limit.Token);
        _process = FlotillaProcess.Start(["up", "--port", "0", "--data", DataFolder, "--model", Path.Combine(AppContext.BaseDirectory, "models", Model + ".gguf"), "--upstream", _tools.BaseUrl]);
        await _process.WaitForAsync("Try it", limit.Token);
        using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(DataFolder, "credentials.json"), limit.Token));
        BaseUrl = credentials.RootElement.GetProperty("base_url").GetString()!;
        ApiKey = credentials.RootElement.GetProperty("api_key").GetString()!;
        AdminKey = credentials.RootElement.GetProperty("admin_key").GetString()!;
        Http = Client(BaseUrl + "/", ApiKey);
        Admin = Client(BaseUrl[..^"v1".Length] + "admin/v1/", AdminKey);

        await Admin.PostAsJsonAsync("namespaces", new { name = "empty" }, limit.Token);
        using var made = await Admin.PostAsJsonAsync("keys", new { name = "empty", @namespace = "empty" }, limit.Token);
        EmptyKey = (await made.Content.ReadFromJsonAsync<JsonElement>(limit.Token)).GetProperty("secret").GetString()!;
        await ServedAsync(limit.Token);
    }

    /// <summary>A client with another key; the caller disposes it.</summary>
    public HttpClient ClientWith(string? key) => Client(BaseUrl + "/", key);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        Admin?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        if (_tools is not null)
            await _tools.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Waits until all models have passed their test jobs: <c>up</c> says that it is ready after the first.</summary>
    private async Task ServedAsync(CancellationToken ct)
    {
        for (var names = ""; !new[] { Model, ToolServer.Model, ToolServer.Reader }.All(model => names.Contains($"\"{model}\"", StringComparison.Ordinal));)
            names = await Http.GetStringAsync("models", ct);
    }

    private static HttpClient Client(string address, string? key)
    {
        HttpClient client = new(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(1) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
