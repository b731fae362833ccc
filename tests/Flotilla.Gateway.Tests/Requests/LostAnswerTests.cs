using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What a request under an idempotency key has stored, to be worked off later, where a crash came before its answer was kept.</summary>
public sealed class LostAnswerTests
{
    private const string Absent = "soon";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", "/v1/requests")]
    [InlineData("/v1/responses", "/v1/requests")]
    [InlineData("/v1/batches", "/v1/batches")]
    public async Task A_repeat_finds_what_is_stored_already(string path, string list)
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { [Absent] = "late" } });
        var chat = GatewayFixture.Chat(model: Absent);
        var body = path switch
        {
            "/v1/responses" => $$"""{"model":"{{Absent}}","input":"hi","background":true}""",
            "/v1/batches" => $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{chat}}}]}""",
            _ => chat,
        };

        var first = await PostAsync(gateway, path, body);
        await gateway.RestartAsync(Lose);
        var second = await PostAsync(gateway, path, body);

        Assert.Equal(first, second);
        using var all = await gateway.GetAsync(list);
        Assert.Single((await GatewayFixture.JsonAsync(all)).GetProperty("data").EnumerateArray());
    }

    /// <summary>As a crash leaves it between what a request stores and the answer that is kept for repeats.</summary>
    private static void Lose(string folder)
    {
        using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
        state.Open();
        Assert.Equal(1, state.Execute("UPDATE idempotency SET http_status = NULL, headers = NULL, answer = NULL"));
    }

    /// <returns>The id of what was stored.</returns>
    private static async Task<string> PostAsync(GatewayFixture gateway, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("Idempotency-Key", "k-1");
        if (path == "/v1/chat/completions")
            request.Headers.Add("Prefer", "respond-async");
        using var response = await gateway.Http.SendAsync(request, Cancellation);
        var made = await GatewayFixture.JsonAsync(response);
        Assert.True(response.IsSuccessStatusCode, made.GetRawText());
        return made.GetProperty("id").GetString()!;
    }
}
