using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Batches;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Batches;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Webhooks;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>A store that takes nothing for a while: what is answered later ends all the same, and is paid for once.</summary>
public sealed class StoreFailureTests
{
    private const long OneCall = (7 * 10) + 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_the_store_refuses_is_stored_when_it_can_be()
    {
        var clock = new ListeningClock();
        await using var gateway = await GatewayFixture.StartAsync(time: clock);
        var (runtime, run, id) = await BeginAsync(gateway);
        var refused = clock.WhenSetAsync(StateLimits.StoreRetryTime);

        Rename(gateway, "request", "request_away");
        run.Permit(2);
        await refused;
        Rename(gateway, "request_away", "request");

        using var result = await gateway.GetAsync($"/v1/requests/{id}/result?wait=30");
        Assert.Equal(200, (int)result.StatusCode);
        Assert.Equal(0, runtime.Waiting);
        Assert.Equal((1000 * 1_000_000) - OneCall, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_request_whose_body_is_gone_ends_as_failed()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });
        using var accepted = await gateway.ChatWithHeaderAsync("Prefer", "respond-async", $"\"user\":\"{new string('u', 200)}\"{new string(' ', 100_000)}");
        var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString();
        File.Delete(Path.Combine(gateway.Folder, "bodies", id!));

        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var result = await gateway.GetAsync($"/v1/requests/{id}/result?wait=30");
        Assert.Equal("internal_error", (await GatewayFixture.ErrorAsync(result)).Code);
        using var state = await gateway.GetAsync($"/v1/requests/{id}");
        Assert.Equal("failed", (await GatewayFixture.JsonAsync(state)).GetProperty("status").GetString());
        Assert.Equal(1000 * 1_000_000, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_batch_that_the_store_has_stopped_goes_on_by_itself()
    {
        var clock = new ListeningClock();
        await using var gateway = await GatewayFixture.StartAsync(time: clock);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var batch = await BatchTests.CreateAsync(gateway, BatchTests.Line("a") + BatchTests.Line("b"));
        ScriptedRun[] runs = [await runtime.NextRunAsync(Cancellation), await runtime.NextRunAsync(Cancellation)];
        var stopped = clock.WhenSetAsync(GatewayLimits.BatchRetryTime);

        Rename(gateway, "batch", "batch_away");
        foreach (var run in runs)
            run.Permit(2);
        await stopped;
        Rename(gateway, "batch_away", "batch");
        var done = await BatchTests.WhenOverAsync(gateway, batch).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.Equal((2, 2, 0), BatchTests.Counts(done));
        Assert.Equal(["a", "b"], (await BatchTests.LinesAsync(gateway, done, "output_file_id")).Select(l => l.GetProperty("custom_id").GetString()!).Order());
        Assert.Equal(0, runtime.Waiting);
        Assert.Equal((1000 * 1_000_000) - OneCall, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task Who_cancels_a_batch_a_moment_after_its_end_does_no_harm()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-batch-").FullName;
        await using (var state = StateStore.Open(folder))
        {
            var ids = new SystemIdSource(TimeProvider.System);
            var table = new BatchTable(state, new WebhookBook(new WebhookTable(state), ids, TimeProvider.System), new DeliveryTable(state, ids));
            var tools = new BatchTools(table, new FileTable(state, new GatewayOptions { DataFolder = folder }), null!, null!, null!, null!, null!, TimeProvider.System);
            using var runner = new BatchRunner(tools, NullLogger<BatchRunner>.Instance);
            // Its file is not there: it fails at once, as soon as that can be stored.
            var row = new BatchRow
            {
                Id = "batch_1", NamespaceId = "ns_1", KeyId = "key_1", Endpoint = "/v1/chat/completions", InputFileId = "file-1", OutputFileId = "file-2", ErrorFileId = "file-3",
                CreatedMs = 0, ExpiresMs = long.MaxValue,
            };
            Assert.True(await table.TryAddAsync(row));
            using var gate = new ManualResetEventSlim();
            var held = state.WriteAsync(_ => { gate.Wait(); return 0; });
            runner.Add(row);
            var run = runner.Find(row.Id)!;
            gate.Set();
            await held;
            while (runner.Find(row.Id) is not null)
                await Task.Yield();

            await run.CancelAsync();

            Assert.Equal(BatchStatus.Failed, run.Row.Status);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(ScriptedRuntime Runtime, ScriptedRun Run, string Id)> BeginAsync(GatewayFixture gateway)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        using var accepted = await gateway.ChatWithHeaderAsync("Prefer", "respond-async");
        var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString()!;
        return (runtime, await runtime.NextRunAsync(Cancellation), id);
    }

    private static void Rename(GatewayFixture gateway, string table, string name)
    {
        using var state = new SqliteConnection($"Data Source={Path.Combine(gateway.Folder, "state.db")};Pooling=False");
        state.Open();
        state.Execute($"ALTER TABLE {table} RENAME TO {name}");
    }
}
