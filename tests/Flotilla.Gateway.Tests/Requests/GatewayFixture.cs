using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Ledger;
using Flotilla.Testing.Api;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>A real gateway on a free port with a namespace, a key and, where asked for, scripted nodes; nothing is mocked between them.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    public const string Model = "scripted";
    private readonly string _folder;
    private readonly ContractHandler _handler = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<TestNode> _nodes = [];

    private readonly GatewayOptions _options;

    private readonly TimeProvider? _time;

    private readonly IIdSource? _ids;

    private GatewayFixture(GatewayApp app, string folder, GatewayOptions options, TimeProvider? time, IIdSource? ids)
    {
        App = app;
        _folder = folder;
        _options = options;
        _time = time;
        _ids = ids;
        Http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri(app.Origin) };
    }

    public GatewayApp App { get; private set; }

    public HttpClient Http { get; private set; }

    public NamespaceId Namespace { get; private set; }

    public AccountId Account { get; private set; }

    /// <summary>Where the gateway keeps its data.</summary>
    public string Folder => _folder;

    public string ApiKey { get; private set; } = string.Empty;

    public string AdminKey { get; private set; } = string.Empty;

    /// <summary>The answers so far that were what the gateway's own document says; another one has thrown.</summary>
    public IReadOnlyCollection<string> Answered => _handler.Seen;

    public Balance Balance => App.Ledger.Money.BalanceOf(Namespace);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="credits">What the namespace begins with.</param>
    /// <param name="configure">Changes to the options.</param>
    /// <param name="time">The gateway's clock; null: the system's.</param>
    /// <param name="ids">Where the gateway's ids come from; null: the system.</param>
    public static async Task<GatewayFixture> StartAsync(
        string credits = "1000", Func<GatewayOptions, GatewayOptions>? configure = null, TimeProvider? time = null, IIdSource? ids = null)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-gateway-").FullName;
        var options = new GatewayOptions
        {
            DataFolder = folder, Port = 0, DrainTimeout = TimeSpan.FromSeconds(20), Namespaces = new Dictionary<string, NamespaceNotes> { ["test"] = new() { Videos = true } },
        };
        options = configure?.Invoke(options) ?? options;
        var app = await GatewayApp.StartAsync(options, time: time, ids: ids, cancellation: Cancellation);
        var fixture = new GatewayFixture(app, folder, options, time, ids);
        Assert.True(Credits.TryParse(credits, out var amount));
        (fixture.Account, fixture.Namespace) = await GatewayBootstrap.EnsureNamespaceAsync(app.Ledger, "test", amount, SystemIdSource.Instance);
        fixture.ApiKey = (await app.Ledger.Keys.CreateKeyAsync(fixture.Namespace, "test", KeyKind.Client, Cancellation)).Secret;
        fixture.AdminKey = (await app.Ledger.Keys.CreateKeyAsync(null, "admin", KeyKind.Admin, Cancellation)).Secret;
        return fixture;
    }

    /// <summary>Joins a node that answers by script, and waits until it is admitted.</summary>
    public async Task<TestNode> AddNodeAsync(ScriptedRuntime runtime, int slots = 64, string region = "")
    {
        var token = await App.Ledger.Nodes.CreateJoinTokenAsync(Account, TimeSpan.FromMinutes(5), Cancellation);
        var node = await TestNode.StartAdmittedAsync(new Uri(App.Origin), token, runtime, Cancellation, o => o with { Slots = slots, Region = region });
        _nodes.Add(node);
        return node;
    }

    /// <summary>Stops the gateway and starts one on the same data, on a port of its own; the nodes are gone.</summary>
    /// <param name="meanwhile">What happens to the folder in between.</param>
    public async Task RestartAsync(Action<string>? meanwhile = null)
    {
        // The gateway first: it shall not see its nodes fail.
        await App.DisposeAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _nodes.Clear();
        meanwhile?.Invoke(_folder);
        App = await GatewayApp.StartAsync(_options, time: _time, ids: _ids, cancellation: Cancellation);
        Http.Dispose();
        Http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri(App.Origin) };
    }

    /// <summary>What the gateway's document says of itself.</summary>
    public Task<ApiContract> ContractAsync() => _handler.ContractAsync(new Uri(App.Origin), Cancellation);

    /// <summary>The same of its admin API.</summary>
    public Task<ApiContract> AdminContractAsync() => _handler.AdminContractAsync(new Uri(App.Origin), Cancellation);

    public static string Chat(string more = "", string model = Model) =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]{{(more.Length > 0 ? "," + more : "")}}}""";

    public Task<HttpResponseMessage> ChatAsync(string more = "", string model = Model) => PostAsync("/v1/chat/completions", Chat(more, model));

    public Task<HttpResponseMessage> PostAsync(string path, string body, string? key = null) => SendAsync(HttpMethod.Post, path, body, key ?? ApiKey);

    public Task<HttpResponseMessage> GetAsync(string path, string? key = null) => SendAsync(HttpMethod.Get, path, null, key ?? ApiKey);

    /// <summary>Another namespace of the same account with as many credits as the first has by default, and a key of its.</summary>
    public async Task<(NamespaceId Namespace, string Key)> AddNamespaceAsync(string name)
    {
        Assert.True(Credits.TryParse("1000", out var amount));
        var added = await App.Ledger.Keys.CreateNamespaceAsync(Account, name, Cancellation);
        var funded = await App.Ledger.Money.FundAsync(
            new FundRequest { Id = TransferId.New(SystemIdSource.Instance), Namespace = added, Amount = amount, Reason = "test" }, Cancellation);
        Assert.True(funded.IsDone());
        return (added, (await App.Ledger.Keys.CreateKeyAsync(added, name, KeyKind.Client, Cancellation)).Secret);
    }

    /// <summary>A chat with one header more.</summary>
    public async Task<HttpResponseMessage> ChatWithHeaderAsync(string header, string value, string more = "", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Chat(more), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? ApiKey);
        request.Headers.Add(header, value);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, string? key)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is { Length: > 0 })
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Reads the error envelope, which must have OpenAI's four keys.</summary>
    public static async Task<(int Status, string Type, string? Code, string? Param, string Message)> ErrorAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = (await JsonAsync(response)).GetProperty("error");
        return ((int)response.StatusCode, error.GetProperty("type").GetString()!, error.GetProperty("code").GetString(),
            error.GetProperty("param").GetString(), error.GetProperty("message").GetString()!);
    }

    /// <summary>Waits until no money is held: a client that left does not see its own settlement.</summary>
    public async Task<JsonElement> WhenSettledAsync(string job)
    {
        while (true)
        {
            using var response = await GetAsync($"/v1/jobs/{job}");
            var view = await JsonAsync(response);
            if (view.GetProperty("status").GetString() != "running")
                return view;
        }
    }

    /// <summary>Waits until no node serves the model any more.</summary>
    public async Task WhenGoneAsync(string model)
    {
        while (true)
        {
            using var response = await GetAsync("/v1/models");
            if (!(await response.Content.ReadAsStringAsync(Cancellation)).Contains($"\"{model}\"", StringComparison.Ordinal))
                return;
        }
    }

    /// <summary>Every test ends here: whatever happened, nothing is held and the books add up.</summary>
    public async ValueTask DisposeAsync()
    {
        Assert.Equal(Credits.Zero, Balance.Held);
        var audit = await App.Ledger.AuditAsync(CancellationToken.None);
        Assert.True(audit.IsClean, string.Join('\n', audit.Violations));
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await App.DisposeAsync();
        Http.Dispose();
        _handler.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
