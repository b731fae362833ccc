using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Xunit;

namespace Flotilla.Compatibility.Tests.Faults;

/// <summary>A gateway and nodes as processes on this machine, and the HTTP calls that the fault tests make.</summary>
internal sealed class FaultFleet : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-fault-").FullName;
    private readonly List<FlotillaProcess> _nodes = [];
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private FlotillaProcess? _gateway;

    public FaultFleet()
    {
        Port = FreePort();
        Http = new HttpClient(_handler) { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    public int Port { get; }

    public HttpClient Http { get; }

    public string ApiKey { get; private set; } = string.Empty;

    public string AdminKey { get; private set; } = string.Empty;

    /// <summary>Starts the gateway, or starts it again on the same data.</summary>
    public async Task StartGatewayAsync(CancellationToken cancellation)
    {
        var data = Path.Combine(_folder, "gateway");
        _gateway = FlotillaProcess.Start(["gateway", "--data", data, "--port", Port.ToString(CultureInfo.InvariantCulture)]);
        await _gateway.WaitForAsync("Gateway at", cancellation);
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "credentials.json"), cancellation));
        ApiKey = file.RootElement.GetProperty("api_key").GetString()!;
        AdminKey = file.RootElement.GetProperty("admin_key").GetString()!;
    }

    /// <summary>SIGKILL: no process gets a chance to tidy up.</summary>
    public static async Task KillAsync(FlotillaProcess process, CancellationToken cancellation)
    {
        await process.SignalAsync("KILL", cancellation);
        await process.WaitAsync(cancellation);
    }

    public Task KillGatewayAsync(CancellationToken cancellation) => KillAsync(_gateway!, cancellation);

    /// <summary>Starts a node in front of an upstream and waits until the fleet has as many nodes for the model.</summary>
    public async Task<FlotillaProcess> AddNodeAsync(PacedUpstream upstream, CancellationToken cancellation)
    {
        var token = (await AdminAsync(HttpMethod.Post, "/admin/v1/join-tokens", "{}", cancellation)).GetProperty("token").GetString()!;
        var node = FlotillaProcess.Start([.. NodeArguments(_nodes.Count, upstream), "--token", token]);
        _nodes.Add(node);
        await UntilServingAsync(node, cancellation);
        return node;
    }

    /// <summary>Kills a node and starts it again under its old key: it dials at once, where a node that lived on would wait longer after each lost gateway.</summary>
    public async Task RestartNodeAsync(int index, PacedUpstream upstream, CancellationToken cancellation)
    {
        await KillAsync(_nodes[index], cancellation);
        await _nodes[index].DisposeAsync();
        _nodes[index] = FlotillaProcess.Start(NodeArguments(index, upstream));
        await UntilServingAsync(_nodes[index], cancellation);
    }

    private string[] NodeArguments(int index, PacedUpstream upstream) =>
        ["node", "--gateway", Http.BaseAddress!.ToString(), "--upstream", upstream.BaseUrl, "--data", Path.Combine(_folder, $"node{index}")];

    private Task UntilServingAsync(FlotillaProcess node, CancellationToken cancellation) => UntilAsync(
        async () => await NodesServingAsync(cancellation) == _nodes.Count,
        () => $"The node was not admitted:\n{node.Output}{node.Error}\n{_gateway!.Output}{_gateway.Error}",
        cancellation);

    public async Task<int> NodesServingAsync(CancellationToken cancellation)
    {
        var models = await AdminAsync(HttpMethod.Get, "/admin/v1/models", null, cancellation);
        return models.GetProperty("data").EnumerateArray().Where(m => m.GetProperty("name").GetString() == PacedUpstream.Model).Sum(m => m.GetProperty("nodes").GetInt32());
    }

    /// <summary>Asks the fault tests' question; the caller reads the answer.</summary>
    public Task<HttpResponseMessage> AskAsync(bool stream, CancellationToken cancellation)
    {
        var body = $$"""{"model":"{{PacedUpstream.Model}}","stream":{{(stream ? "true" : "false")}},"max_tokens":1000,"messages":[{"role":"user","content":"{{FaultPrompt.Text}}"}]}""";
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public async Task<JsonElement> AdminAsync(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        using var response = await Http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Asks another process again and again, for a state that nothing announces, until it is so or a minute has passed.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> otherwise, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < StartTimeout, otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
