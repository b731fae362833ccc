using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Flotilla.Compatibility.Tests.Faults;

/// <summary>Processes that die without warning: what the client sees, and what the ledger says afterwards.</summary>
public sealed class KillTests
{
    private const int Rounds = 50;
    private const int StreamsPerRound = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_killed_before_its_first_token_is_invisible_to_the_client(bool stream)
    {
        using var words = new SemaphoreSlim(0);
        await using var first = await PacedUpstream.StartAsync(words, Cancellation);
        await using var second = await PacedUpstream.StartAsync(words, Cancellation);
        await using var fleet = new FaultFleet();
        await fleet.StartGatewayAsync(Cancellation);
        var firstNode = await fleet.AddNodeAsync(first, Cancellation);
        var secondNode = await fleet.AddNodeAsync(second, Cancellation);

        var asking = fleet.AskAsync(stream, Cancellation);
        var busyIsFirst = await Task.WhenAny(first.Arrived, second.Arrived) == first.Arrived;
        await FaultFleet.KillAsync(busyIsFirst ? firstNode : secondNode, Cancellation);
        await (busyIsFirst ? second : first).Arrived;
        words.Release(2 * FaultPrompt.Words);
        using var response = await asking;
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.True(response.IsSuccessStatusCode, text);
        for (var i = 0; i < FaultPrompt.Words; i++)
            Assert.Contains($"w{i.ToString(CultureInfo.InvariantCulture)} ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error", text, StringComparison.Ordinal);
        var job = response.Headers.GetValues("x-flotilla-job-id").Single();
        Assert.Equal(Expected(FaultPrompt.Words), await ChargeOfAsync(fleet, job));
    }

    [Fact]
    public async Task A_gateway_killed_mid_stream_fifty_times_leaves_books_that_add_up()
    {
        using var words = new SemaphoreSlim(int.MaxValue / 2);
        await using var upstream = await PacedUpstream.StartAsync(words, Cancellation);
        await using var fleet = new FaultFleet();
        await fleet.StartGatewayAsync(Cancellation);
        await fleet.AddNodeAsync(upstream, Cancellation);
        var random = new Random(20_261_120);
        var acknowledged = new List<string>();

        for (var round = 0; round < Rounds; round++)
        {
            var streams = Enumerable.Range(0, StreamsPerRound).Select(_ => ReadUntilCutAsync(fleet, random.Next(1, 2 * FaultPrompt.Words))).ToArray();
            await Task.WhenAny(streams);
            await fleet.KillGatewayAsync(Cancellation);
            acknowledged.AddRange((await Task.WhenAll(streams)).OfType<string>());
            await fleet.StartGatewayAsync(Cancellation);
            await AssertBooksAddUpAsync(fleet);
            await fleet.RestartNodeAsync(0, upstream, Cancellation);
        }

        // What a client saw complete was durable before it saw it.
        foreach (var job in acknowledged)
            Assert.Equal(Expected(FaultPrompt.Words), await ChargeOfAsync(fleet, job));
    }

    /// <summary>Reads lines of a stream; returns when it has the given number, or the stream ends. The job's id when it saw [DONE].</summary>
    private static async Task<string?> ReadUntilCutAsync(FaultFleet fleet, int lines)
    {
        try
        {
            using var response = await fleet.AskAsync(stream: true, Cancellation);
            var job = response.Headers.GetValues("x-flotilla-job-id").Single();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
            for (var i = 0; i < lines; i++)
            {
                var line = await reader.ReadLineAsync(Cancellation);
                if (line is null)
                    return null;
                if (line == "data: [DONE]")
                    return job;
            }

            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static async Task AssertBooksAddUpAsync(FaultFleet fleet)
    {
        var audit = await fleet.AdminAsync(HttpMethod.Get, "/admin/v1/audit", null, Cancellation);
        Assert.True(audit.GetProperty("ok").GetBoolean(), audit.ToString());
        var space = (await fleet.AdminAsync(HttpMethod.Get, "/admin/v1/namespaces", null, Cancellation)).GetProperty("data")[0];
        Assert.Equal("0", space.GetProperty("held").GetString());
        Assert.Equal(space.GetProperty("posted").GetString(), space.GetProperty("available").GetString());
    }

    private static decimal Expected(int words)
    {
        const decimal InputPerToken = 10m / 1_000_000;
        const decimal OutputPerToken = 40m / 1_000_000;
        return (7 * InputPerToken) + (words * OutputPerToken);
    }

    private static async Task<decimal> ChargeOfAsync(FaultFleet fleet, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}");
        request.Headers.Add("Authorization", $"Bearer {fleet.ApiKey}");
        using var response = await fleet.Http.SendAsync(request, Cancellation);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return decimal.Parse(document.RootElement.GetProperty("credits_charged").GetString()!, CultureInfo.InvariantCulture);
    }
}
