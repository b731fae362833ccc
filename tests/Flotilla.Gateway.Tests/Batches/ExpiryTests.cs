using System.Net;
using System.Text.Json;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Batches.BatchTests;

namespace Flotilla.Gateway.Tests.Batches;

/// <summary>What is over by the clock: a batch's day, and the life of files.</summary>
public sealed class ExpiryTests
{
    private const long OneLine = ((7 * 10) + (4 * 40)) / 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_whose_day_is_over_keeps_what_was_answered_and_names_the_rest()
    {
        var time = new ManualTimeProvider();
        // Known, and served by nobody.
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = "late" } }, time: time);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var late = Line("late").Replace($"\"{GatewayFixture.Model}\"", "\"late\"", StringComparison.Ordinal);
        var batch = await CreateAsync(gateway, Line("served") + late + Line("behind it"));
        var early = await UntilAsync(gateway, batch, time, b => Counts(b).Completed == 1);
        Assert.Equal("in_progress", early.GetProperty("status").GetString());

        time.Advance(GatewayLimits.BatchWindow);
        var done = await UntilAsync(gateway, batch, time, b => b.GetProperty("status").GetString() is not "in_progress" and not "finalizing");

        Assert.Equal("expired", done.GetProperty("status").GetString());
        Assert.Equal((3, 1, 2), Counts(done));
        Assert.True(done.GetProperty("expired_at").GetInt64() >= done.GetProperty("expires_at").GetInt64());
        Assert.Equal(JsonValueKind.Null, done.GetProperty("completed_at").ValueKind);
        Assert.Equal("served", (await LinesAsync(gateway, done, "output_file_id")).Single().GetProperty("custom_id").GetString());
        var errors = (await LinesAsync(gateway, done, "error_file_id")).Select(line => line.GetProperty("error"));
        Assert.Equal([(2, "batch_expired"), (3, "batch_expired")], errors.Select(e => (e.GetProperty("line").GetInt32(), e.GetProperty("code").GetString()!)).Order());
        Assert.Equal((1000 * 1_000_000) - OneLine, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_file_lives_as_long_as_its_client_said()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await GatewayFixture.StartAsync(time: time);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var batch = await CreateAsync(gateway, Line("a"), """ "output_expires_after":{"anchor":"created_at","seconds":3600} """);
        var done = await UntilAsync(gateway, batch, time, b => b.GetProperty("status").GetString() == "completed");
        var (input, output) = (done.GetProperty("input_file_id").GetString(), done.GetProperty("output_file_id").GetString());
        var file = await FileAsync(gateway, output);
        Assert.Equal(3600, file.GetProperty("expires_at").GetInt64() - file.GetProperty("created_at").GetInt64());

        time.Advance(TimeSpan.FromSeconds(3000));
        Assert.Equal(output, (await FileAsync(gateway, output)).GetProperty("id").GetString());
        time.Advance(TimeSpan.FromSeconds(601));
        await WhenGoneAsync(gateway, output, time).WaitAsync(Patience, Cancellation);

        Assert.Equal(input, (await FileAsync(gateway, input)).GetProperty("id").GetString());
        Assert.Equal(input, Path.GetFileName(Assert.Single(Directory.EnumerateFiles(Path.Combine(gateway.Folder, "files")))));
        // The batch itself is still told of.
        Assert.Equal("completed", await StatusAsync(gateway, batch));
    }

    /// <summary>Asks until the batch is as wanted, while the clock goes on as slowly as the batch looks about.</summary>
    private static async Task<JsonElement> UntilAsync(GatewayFixture gateway, JsonElement batch, ManualTimeProvider time, Func<JsonElement, bool> isThere)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            using var response = await gateway.GetAsync($"/v1/batches/{batch.GetProperty("id").GetString()}");
            var now = await GatewayFixture.JsonAsync(response);
            if (isThere(now))
                return now;
            time.Advance(GatewayLimits.FleetLookInterval);
        }
    }

    /// <summary>Waits until the rounds of housekeeping have taken the file.</summary>
    private static async Task WhenGoneAsync(GatewayFixture gateway, string? id, ManualTimeProvider time)
    {
        while (true)
        {
            using var response = await gateway.GetAsync($"/v1/files/{id}");
            if (response.StatusCode == HttpStatusCode.NotFound)
                return;
            time.Advance(StateLimits.SweepInterval);
        }
    }

    private static async Task<JsonElement> FileAsync(GatewayFixture gateway, string? id)
    {
        using var response = await gateway.GetAsync($"/v1/files/{id}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await GatewayFixture.JsonAsync(response);
    }
}
