using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.Ledger;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What is sent again reads along and makes nothing run, so no limit keeps it out; what makes something run meets each of them once.</summary>
public sealed class RetryLimitTests
{
    private const string Tries = "X-Stainless-Retry-Count";
    private const string Key = "Idempotency-Key";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Tries, "0", "1", 0, 1)]
    [InlineData(Tries, "0", "1", 1, 0)]
    [InlineData(Key, "k-1", "k-1", 0, 1)]
    [InlineData(Key, "k-1", "k-1", 1, 0)]
    public async Task A_retry_reads_along_where_its_key_may_have_nothing_more(string header, string first, string again, int requests, int concurrency)
    {
        await using var gateway = await StartAsync(new RateLimits(requests, 0, concurrency));
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", "two");
        var asking = SendAsync(gateway, header, first);
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit();
        using var one = await asking;

        using (var refused = await SendAsync(gateway, header, header == Key ? "k-2" : "0"))
            Assert.Equal(429, (int)refused.StatusCode);
        using (var another = await SendAsync(gateway, header, again, ",\"seed\":1"))
            Assert.Equal(header == Key ? 409 : 429, (int)another.StatusCode);
        using (var nobody = await SendAsync(gateway, header, again, key: "sk-flt-nobody"))
            Assert.Equal(401, (int)nobody.StatusCode);
        using var two = await SendAsync(gateway, header, again);
        run.Permit(2);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (one.StatusCode, two.StatusCode));
        Assert.Equal(await one.Content.ReadAsStringAsync(Cancellation), await two.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("true", two.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(0, runtime.Waiting);
    }

    [Theory]
    [InlineData(Tries, "1")]
    [InlineData(Key, "k-1")]
    public async Task What_joins_nothing_counts_like_any_other(string header, string value)
    {
        await using var gateway = await StartAsync(new RateLimits(1, 0, 0));
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var served = await SendAsync(gateway, header, value);
        await served.Content.ReadAsStringAsync(Cancellation);
        using var refused = await SendAsync(gateway, header, header == Key ? "k-2" : "0");

        Assert.Equal((200, 429), ((int)served.StatusCode, (int)refused.StatusCode));
        Assert.Equal("0", served.Headers.GetValues("x-ratelimit-remaining-requests").Single());
    }

    private static Task<GatewayFixture> StartAsync(RateLimits key) =>
        GatewayFixture.StartAsync(configure: o => o with { KeyLimits = key }, time: new ManualTimeProvider());

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, string header, string value, string more = "", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(GatewayFixture.Chat("\"stream\":true" + more), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? gateway.ApiKey);
        request.Headers.Add(header, value);
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
