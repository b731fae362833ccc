using System.Net;
using System.Net.Http.Headers;
using Flotilla.Gateway.Tests.Nodes;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>Deferred requests for which only another try tells whether there is room: when they are tried again.</summary>
public sealed class RefusedTests
{
    private readonly WatchedTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_of_which_one_is_away_wait_as_long_as_the_refusal_says_until_all_are_there()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = "late" } }, time: _clock);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var accepted = await gateway.ChatWithHeaderAsync("Prefer", "respond-async", "\"models\":[\"scripted\",\"soon\"],\"strategy\":\"all\"");
        var id = await IdAsync(accepted);

        // Each try holds the first model and gives it up.
        while (await TriesAsync(gateway) == 0)
            await Task.Yield();
        // Not before the refusal's Retry-After, however often the queue looks.
        for (var looked = GatewayLimits.FleetLookInterval; looked < TimeSpan.FromSeconds(GatewayLimits.RetryAfterSeconds); looked += GatewayLimits.FleetLookInterval)
            await _clock.PassAsync(GatewayLimits.FleetLookInterval);
        Assert.Equal(1, await TriesAsync(gateway));
        while (await TriesAsync(gateway) == 1)
            _clock.Advance(GatewayLimits.FleetLookInterval);
        await gateway.AddNodeAsync(new ScriptedRuntime("late"));
        while (await StatusAsync(gateway, id) is "queued" or "in_progress")
            _clock.Advance(GatewayLimits.FleetLookInterval);

        using var result = await gateway.GetAsync($"/v1/requests/{id}/result");
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
    }

    [Fact]
    public async Task A_form_that_found_no_room_is_tried_when_one_before_it_is_answered()
    {
        await using var gateway = await GatewayFixture.StartAsync(time: _clock);
        var runtime = ScriptedRuntime.OfEverything(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        runtime.Script = async run =>
        {
            await end.Task.WaitAsync(run.Token);
            return await Scripts.Everything(run);
        };
        await TranscribeAsync(gateway);
        await runtime.NextRunAsync(Cancellation);

        var second = await TranscribeAsync(gateway);
        // Only who waits has the queue look: it has been refused, and waits again.
        await _clock.PassAsync(GatewayLimits.FleetLookInterval);
        await _clock.PassAsync(GatewayLimits.FleetLookInterval);
        end.SetResult();

        // The clock stands still from here on.
        using var result = await gateway.GetAsync($"/v1/requests/{second}/result?wait=30");
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
    }

    private static async Task<string> TranscribeAsync(GatewayFixture gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/transcriptions")
        {
            Content = new MultipartFormDataContent { { new StringContent(GatewayFixture.Model), "model" }, { new ByteArrayContent("sound"u8.ToArray()), "file", "a.wav" } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("Prefer", "respond-async");
        using var accepted = await gateway.Http.SendAsync(request, Cancellation);
        return await IdAsync(accepted);
    }

    private static async Task<string> IdAsync(HttpResponseMessage accepted)
    {
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString()!;
    }

    private static async Task<string> StatusAsync(GatewayFixture gateway, string id)
    {
        using var state = await gateway.GetAsync($"/v1/requests/{id}");
        return (await GatewayFixture.JsonAsync(state)).GetProperty("status").GetString()!;
    }

    private static async Task<int> TriesAsync(GatewayFixture gateway) => (await gateway.App.Ledger.Jobs.ListAsync(gateway.Namespace, null, 10, Cancellation))!.Count;
}
