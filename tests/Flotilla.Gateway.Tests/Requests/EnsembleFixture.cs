using System.Globalization;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>A gateway with several models, each on a scripted node of its own; its end sees to it that every job was settled once.</summary>
internal sealed class EnsembleFixture : IAsyncDisposable
{
    private readonly Dictionary<string, ScriptedRuntime> _runtimes = [];

    private EnsembleFixture(GatewayFixture gateway) => Gateway = gateway;

    public GatewayFixture Gateway { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EnsembleFixture> StartAsync(IReadOnlyList<string> models, string credits = "1000", Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        var fixture = new EnsembleFixture(await GatewayFixture.StartAsync(credits, configure));
        foreach (var model in models)
        {
            fixture._runtimes[model] = new ScriptedRuntime(model);
            await fixture.Gateway.AddNodeAsync(fixture._runtimes[model]);
            fixture._runtimes[model].Script = Scripts.Answer("from ", model);
        }

        return fixture;
    }

    public ScriptedRuntime this[string model] => _runtimes[model];

    public Task<HttpResponseMessage> AskAsync(string more, string model = "a", string path = "/v1/chat/completions") => Gateway.PostAsync(path, GatewayFixture.Chat(more, model));

    public async Task<JsonElement> JsonAsync(string more, string model = "a")
    {
        using var response = await AskAsync(more, model);
        return await GatewayFixture.JsonAsync(response);
    }

    /// <summary>The chunks of a stream, without its <c>[DONE]</c>, which must be there if <paramref name="ends"/>.</summary>
    public async Task<List<JsonElement>> ChunksAsync(string more, string model = "a", bool ends = true)
    {
        using var response = await AskAsync("\"stream\":true," + more, model);
        var lines = (await response.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ends, lines[^1] == "data: [DONE]");
        return [.. lines.Where(l => l != "data: [DONE]").Select(l =>
        {
            using var document = JsonDocument.Parse(l["data: ".Length..]);
            return document.RootElement.Clone();
        })];
    }

    /// <summary>Every model's line in the report, as "model status credits".</summary>
    public static List<string> Report(JsonElement answer) =>
        [.. answer.GetProperty("flotilla").GetProperty("models").EnumerateArray().Select(m => $"{m.GetProperty("model").GetString()} {m.GetProperty("status").GetString()} {m.GetProperty("credits").GetDecimal().ToString(CultureInfo.InvariantCulture)}")];

    public static string? Content(JsonElement answer, int choice = 0) => answer.GetProperty("choices")[choice].GetProperty("message").GetProperty("content").GetString();

    /// <summary>What this many tokens of the scripted prompt and answer cost.</summary>
    public static decimal Cost(int completionTokens) => ((7 * 10m) + (completionTokens * 40m)) / 1_000_000;

    /// <summary>What was spent so far.</summary>
    public decimal Spent(decimal of = 1000) => of - (Gateway.Balance.Posted.Micro / (decimal)Credits.MicroPerCredit);

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
