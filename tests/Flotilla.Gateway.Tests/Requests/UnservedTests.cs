using System.Net.Http.Headers;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What Flotilla does not have is told in the envelope, and who may call it from a page is closed until somebody opens it.</summary>
public sealed class UnservedTests
{
    private const string Origin = "https://app.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v1/fine-tuning")]
    [InlineData("POST", "/v1/fine_tuning/jobs")]
    [InlineData("GET", "/v1/fine_tuning/jobs/ftjob-1/events")]
    [InlineData("POST", "/v1/assistants")]
    [InlineData("DELETE", "/v1/assistants/asst_1")]
    [InlineData("POST", "/v1/threads/runs")]
    [InlineData("GET", "/v1/threads/thread_1/messages")]
    [InlineData("POST", "/v1/runs")]
    [InlineData("POST", "/v1/videos/edits")]
    [InlineData("POST", "/v1/videos/video_1/remix")]
    [InlineData("GET", "/v1/videos/characters/char_1")]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("GET", "/v1/chat/completions/chatcmpl-1")]
    [InlineData("GET", "/v1/chat/completions/chatcmpl-1/messages")]
    [InlineData("DELETE", "/v1/chat/completions/chatcmpl-1")]
    public async Task A_part_of_OpenAIs_API_that_is_not_here_is_501_and_not_repeated(string method, string path)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null, gateway.ApiKey);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((501, "not_implemented"), (error.Status, error.Code));
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
    }

    [Fact]
    public async Task A_page_is_let_in_nowhere_by_default()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var preflight = await PreflightAsync(gateway, "/v1/chat/completions", Origin);
        using var simple = await FromPageAsync(gateway, "/v1/models", Origin);

        Assert.DoesNotContain(preflight.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(simple.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_named_origin_is_let_in_to_the_public_API_alone_and_others_stay_out()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { CorsOrigins = [Origin] });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using (var preflight = await PreflightAsync(gateway, "/v1/chat/completions", Origin))
        {
            Assert.Equal(204, (int)preflight.StatusCode);
            Assert.Equal(Origin, preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("authorization", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.OrdinalIgnoreCase);
        }

        using (var answer = await FromPageAsync(gateway, "/v1/models", Origin))
            Assert.Equal(Origin, answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using (var refusal = await FromPageAsync(gateway, "/v1/nothing", Origin))
            Assert.Equal(Origin, refusal.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using (var stranger = await FromPageAsync(gateway, "/v1/models", "https://evil.example"))
            Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
        using (var admin = await PreflightAsync(gateway, "/admin/v1/keys", Origin))
            Assert.False(admin.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("file:///x")]
    public void What_is_no_origin_is_refused_at_the_start(string text)
    {
        var options = new GatewayOptions { DataFolder = "x", CorsOrigins = [text] };

        Assert.Contains(GatewayOptionsValidator.Faults(options), fault => fault.Contains(text, StringComparison.Ordinal));
    }

    private static Task<HttpResponseMessage> PreflightAsync(GatewayFixture gateway, string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return gateway.Http.SendAsync(request, Cancellation);
    }

    private static Task<HttpResponseMessage> FromPageAsync(GatewayFixture gateway, string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        return gateway.Http.SendAsync(request, Cancellation);
    }
}
