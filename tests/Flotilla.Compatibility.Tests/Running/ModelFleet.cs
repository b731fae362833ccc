using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Testing.Api;
using Flotilla.Testing.Models;

namespace Flotilla.Compatibility.Tests.Running;

/// <summary>A <c>flotilla up</c> that serves one synthetic model.</summary>
public sealed class ModelFleet : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private FlotillaProcess? _process;

    /// <summary>What an SDK takes as base URL.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>A key with credits.</summary>
    public string ApiKey { get; private set; } = "";

    /// <summary>The model's name.</summary>
    public string Model { get; private set; } = "";

    /// <summary>An HTTP client of the OpenAI surface; its paths begin at <c>/v1/</c>.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>Starts it and waits until the model is served.</summary>
    public static async Task<ModelFleet> StartAsync(SyntheticModelOptions model, CancellationToken ct)
    {
        ModelFleet fleet = new();
        try
        {
            await fleet.BeginAsync(model, ct);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task BeginAsync(SyntheticModelOptions model, CancellationToken ct)
    {
        var file = Path.Combine(_folder.Path, "model.gguf");
        await File.WriteAllBytesAsync(file, SyntheticModel.Build(model), ct);
        _process = FlotillaProcess.Start(["up", "--port", "0", "--data", Path.Combine(_folder.Path, "data"), "--model", file]);
        await _process.WaitForAsync("Try it", ct);
        using var credentials = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "data", "credentials.json"), ct));
        BaseUrl = credentials.RootElement.GetProperty("base_url").GetString()!;
        ApiKey = credentials.RootElement.GetProperty("api_key").GetString()!;
        Http = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(BaseUrl + "/"), Timeout = TimeSpan.FromMinutes(1) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        using var models = JsonDocument.Parse(await Http.GetStringAsync("models", ct));
        Model = models.RootElement.GetProperty("data")[0].GetProperty("id").GetString()!;
    }
}
