using System.Net.Http.Headers;
using System.Text;
using Flotilla.Core;
using Flotilla.Gateway;
using Flotilla.Ledger;
using Flotilla.Testing.Nodes;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>A whole gateway with a funded key, to stand behind or before a node.</summary>
internal sealed class SecondFlotilla : IAsyncDisposable
{
    private readonly GatewayApp _app;
    private readonly string _folder;
    private readonly AccountId _operator;
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpMessageInvoker _http;

    private SecondFlotilla(GatewayApp app, string folder, AccountId account, string key)
    {
        _app = app;
        _folder = folder;
        _operator = account;
        Key = key;
        _http = new HttpMessageInvoker(_handler);
    }

    public string Key { get; }

    public Uri BaseUrl => new(_app.BaseUrl);

    public Uri Origin => new(_app.Origin);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SecondFlotilla> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-second-").FullName;
        var app = await GatewayApp.StartAsync(new GatewayOptions { DataFolder = folder, Port = 0, Namespaces = new Dictionary<string, NamespaceNotes> { ["test"] = new() { Videos = true } } }, cancellation: Ct);
        Assert.True(Credits.TryParse("1000", out var credits));
        var (account, ns) = await GatewayBootstrap.EnsureNamespaceAsync(app.Ledger, "test", credits, SystemIdSource.Instance);
        var key = await app.Ledger.Keys.CreateKeyAsync(ns, "test", KeyKind.Client, Ct);
        return new SecondFlotilla(app, folder, account, key.Secret);
    }

    public async Task<string> JoinTokenAsync() => await _app.Ledger.Nodes.CreateJoinTokenAsync(_operator, TimeSpan.FromMinutes(5), Ct);

    public Task<HttpResponseMessage> PostAsync(string path, string json, CancellationToken ct) =>
        PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), ct);

    public Task<HttpResponseMessage> PostAsync(string path, HttpContent body, CancellationToken ct) => SendAsync(HttpMethod.Post, path, body, ct);

    public Task<HttpResponseMessage> GetAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, ct);

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken ct)
    {
        var request = new HttpRequestMessage(method, new Uri(Origin, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return _http.SendAsync(request, ct);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
