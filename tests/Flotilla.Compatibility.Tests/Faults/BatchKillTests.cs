using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Flotilla.Compatibility.Tests.Faults;

/// <summary>A batch whose gateway dies without warning: every line is answered once and paid once.</summary>
public sealed class BatchKillTests
{
    private const int Lines = 120;
    private const int Kills = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_again_and_again_it_answers_each_line_once_and_charges_it_once()
    {
        using var words = new SemaphoreSlim(int.MaxValue / 2);
        await using var upstream = await PacedUpstream.StartAsync(words, Cancellation);
        await using var fleet = new FaultFleet();
        await fleet.StartGatewayAsync(Cancellation);
        await fleet.AddNodeAsync(upstream, Cancellation);
        var begun = await PostedAsync(fleet);
        var batch = await CreateAsync(fleet);

        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = kill * Lines / (Kills + 1);
            await FaultFleet.UntilAsync(async () => Completed(await GetAsync(fleet, $"/v1/batches/{batch}")) >= enough, () => "The batch does not get on.", Cancellation);
            await fleet.KillGatewayAsync(Cancellation);
            await fleet.StartGatewayAsync(Cancellation);
            await fleet.RestartNodeAsync(0, upstream, Cancellation);
        }

        await FaultFleet.UntilAsync(
            async () => (await GetAsync(fleet, $"/v1/batches/{batch}")).GetProperty("status").GetString() == "completed", () => "The batch does not end.", Cancellation);
        var done = await GetAsync(fleet, $"/v1/batches/{batch}");
        Assert.Equal(Lines, Completed(done));
        using var content = await SendAsync(fleet, HttpMethod.Get, $"/v1/files/{done.GetProperty("output_file_id").GetString()}/content", null);
        var answered = (await content.Content.ReadAsStringAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(CustomId).ToArray();
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"c{i}").Order(StringComparer.Ordinal), answered.Order(StringComparer.Ordinal));

        var audit = await fleet.AdminAsync(HttpMethod.Get, "/admin/v1/audit", null, Cancellation);
        Assert.True(audit.GetProperty("ok").GetBoolean(), audit.ToString());
        const decimal PriceOfLine = ((7 * 10m) + (FaultPrompt.Words * 40m)) / 2 / 1_000_000;
        Assert.Equal(begun - (Lines * PriceOfLine), await PostedAsync(fleet));
    }

    private static async Task<string> CreateAsync(FaultFleet fleet)
    {
        var body = $$"""{"model":"{{PacedUpstream.Model}}","max_tokens":1000,"messages":[{"role":"user","content":"{{FaultPrompt.Text}}"}]}""";
        var requests = string.Join(',', Enumerable.Range(0, Lines).Select(i => $$"""{"custom_id":"c{{i}}","body":{{body}}}"""));
        using var response = await SendAsync(fleet, HttpMethod.Post, "/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{{requests}}]}""");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return document.RootElement.GetProperty("id").GetString()!;
    }

    private static int Completed(JsonElement batch) => batch.GetProperty("request_counts").GetProperty("completed").GetInt32();

    private static string CustomId(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("custom_id").GetString()!;
    }

    private static async Task<decimal> PostedAsync(FaultFleet fleet)
    {
        var space = (await fleet.AdminAsync(HttpMethod.Get, "/admin/v1/namespaces", null, Cancellation)).GetProperty("data")[0];
        return decimal.Parse(space.GetProperty("posted").GetString()!, CultureInfo.InvariantCulture);
    }

    private static async Task<JsonElement> GetAsync(FaultFleet fleet, string path)
    {
        using var response = await SendAsync(fleet, HttpMethod.Get, path, null);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return document.RootElement.Clone();
    }

    private static async Task<HttpResponseMessage> SendAsync(FaultFleet fleet, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fleet.ApiKey);
        return await fleet.Http.SendAsync(request, Cancellation);
    }
}
