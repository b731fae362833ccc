using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Flotilla.GatewayBench;

/// <summary>A gateway and a node that answers by script, each a process of its own, with credits for all that a measurement asks.</summary>
internal sealed class Fleet : IDisposable
{
    private Fleet(int port, Child gateway, Child node, string key, HttpClient http)
    {
        (Port, Gateway, Node, Key, Http) = (port, gateway, node, key, http);
    }

    public int Port { get; }

    public Child Gateway { get; }

    public Child Node { get; }

    /// <summary>A client's key.</summary>
    public string Key { get; }

    /// <summary>Asks with that key.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts one and waits until it serves.</summary>
    /// <param name="words">Words of every answer.</param>
    public static async Task<Fleet> StartAsync(int words)
    {
        var port = FreePorts(1)[0];
        var data = Directory.CreateTempSubdirectory("flotilla-bench-").FullName;
        // Counted like everybody's, and never used up.
        await File.WriteAllTextAsync(
            Path.Combine(data, "flotilla.json"), """{"limits":{"key":{"requests_per_minute":1000000000},"namespace":{"requests_per_minute":1000000000}}}""");
        var gateway = Child.Start("flotilla.dll", "gateway", "--data", data, "--port", Text(port));
        var (_, key, admin) = await Credentials.ReadAsync(data);
        using var owner = Client(port, admin);
        await PostAsync(owner, "/admin/v1/credits", """{"credits":"1000000000"}""");
        var token = (await PostAsync(owner, "/admin/v1/join-tokens", "{}")).GetProperty("token").GetString()!;
        var node = Child.Start("gatewaybench.dll", "node", owner.BaseAddress!.ToString(), token, Text(words));
        await UntilServedAsync(owner);
        return new Fleet(port, gateway, node, key, Client(port, key));
    }

    /// <summary>Ports that nobody listens on.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
            listener.Start();
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners)
            listener.Stop();
        return ports;
    }

    /// <summary>Posts JSON and reads the answer, which must be one.</summary>
    public static async Task<JsonElement> PostAsync(HttpClient http, string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
    }

    public void Dispose()
    {
        Http.Dispose();
        Node.Dispose();
        Gateway.Dispose();
    }

    private static HttpClient Client(int port, string key)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static async Task UntilServedAsync(HttpClient http)
    {
        while (true)
        {
            var models = JsonElement.Parse(await http.GetByteArrayAsync("/admin/v1/models"));
            if (models.GetProperty("data").EnumerateArray().Any(m => m.GetProperty("nodes").GetInt32() > 0))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
