using System.Net;
using System.Text.Json;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Videos;

/// <summary>A gateway that makes videos, and what its clients do.</summary>
internal static class VideoFleet
{
    public const string Film = "film";

    /// <summary>Of one second; nothing else of a video costs anything.</summary>
    public const long SecondCost = 40;

    public const long Funds = 1000 * 1_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<GatewayFixture> StartAsync(Func<GatewayOptions, GatewayOptions>? configure = null) => GatewayFixture.StartAsync(
        configure: o => (configure ?? (same => same))(o with { Aliases = new Dictionary<string, string> { ["soon"] = Film } }));

    public static async Task<ScriptedRuntime> AddNodeAsync(GatewayFixture gateway)
    {
        var runtime = ScriptedRuntime.OfVideos(Film);
        await gateway.AddNodeAsync(runtime);
        return runtime;
    }

    public static string Body(string more = "\"duration_seconds\":2") => $$"""{"model":"{{Film}}","prompt":"a boat"{{(more.Length > 0 ? "," + more : "")}}}""";

    /// <summary>Asks for a video.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> MakeAsync(GatewayFixture gateway, string more = "\"duration_seconds\":2")
    {
        using var response = await gateway.PostAsync("/v1/videos/generations", Body(more));
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
    }

    /// <summary>The video; waits for it where asked to.</summary>
    public static async Task<JsonElement> FindAsync(GatewayFixture gateway, string id, int wait = 0, string path = "/v1/videos/generations")
    {
        using var response = await gateway.GetAsync($"{path}/{id}?wait={wait}");
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return await GatewayFixture.JsonAsync(response);
    }

    /// <summary>Waits for the end of a video.</summary>
    /// <returns>Its status.</returns>
    public static async Task<string> EndAsync(GatewayFixture gateway, string id) => (await FindAsync(gateway, id, wait: 60)).GetProperty("status").GetString()!;

    public static async Task<byte[]> ContentAsync(GatewayFixture gateway, string id)
    {
        using var response = await gateway.GetAsync($"/v1/videos/generations/{id}/content");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }

    public static async Task GoneAsync(GatewayFixture gateway, string path, string? key = null)
    {
        using var response = await gateway.GetAsync(path, key);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((404, "job_not_found"), (error.Status, error.Code));
    }
}
