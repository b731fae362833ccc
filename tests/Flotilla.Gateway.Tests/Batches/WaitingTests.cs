using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Batches.BatchTests;

namespace Flotilla.Gateway.Tests.Batches;

/// <summary>Batches that cannot run now: they wait, and nobody for them.</summary>
public sealed class WaitingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_that_nobody_may_run_leave_the_room_to_others_and_end()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model), slots: 8);
        // More than the node has slots.
        const int Lines = 10;
        var hopeless = await CreateAsync(gateway, string.Concat(Enumerable.Range(1, Lines).Select(i => Line($"c{i}", "\"provider\":{\"only\":[\"node_00000000000000000000000000000000\"]}"))));
        while (await StatusAsync(gateway, hopeless) != "in_progress")
            await Task.Yield();

        var good = await WhenOverAsync(gateway, await CreateAsync(gateway, Line("good"))).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal((1, 1, 0), Counts(good));

        var done = await WhenOverAsync(gateway, hopeless).WaitAsync(TimeSpan.FromSeconds(120), Cancellation);
        Assert.Equal((Lines, 0, Lines), Counts(done));
        Assert.All(await LinesAsync(gateway, done, "error_file_id"), l => Assert.Equal(503, l.GetProperty("response").GetProperty("status_code").GetInt32()));
    }

    [Fact]
    public async Task A_line_waits_for_money_that_running_requests_hold()
    {
        var clock = new ListeningClock();
        await using var gateway = await GatewayFixture.StartAsync(credits: "0.04", time: clock);
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        // No limit of its own: it holds all that there is.
        var running = gateway.ChatAsync();
        var run = await runtime.NextRunAsync(Cancellation);
        runtime.Script = Scripts.Answer("two");
        // Nobody else pauses for this long: by then the line was refused twice.
        var refusedTwice = clock.WhenSetAsync(2 * GatewayLimits.FleetLookInterval);
        var batch = await CreateAsync(gateway, Line("a", "\"max_tokens\":16"));
        await refusedTwice;
        Assert.Equal("in_progress", await StatusAsync(gateway, batch));

        run.Permit(2);
        using var served = await running;
        var done = await WhenOverAsync(gateway, batch);

        Assert.Equal((1, 1, 0), Counts(done));
    }

    [Fact]
    public async Task Batches_that_wait_for_a_node_hold_nobody_up()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = "absent" } });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        for (var i = 0; i < GatewayLimits.BatchesAtOnceMax; i += GatewayLimits.BatchesPerNamespaceMax)
        {
            var idle = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, $"idle{i}", Cancellation);
            var key = (await gateway.App.Ledger.Keys.CreateKeyAsync(idle, "idle", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;
            for (var j = 0; j < GatewayLimits.BatchesPerNamespaceMax; j++)
            {
                using var response = await gateway.PostAsync(
                    "/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{GatewayFixture.Chat(model: "absent")}}}]}""", key);
                var waiting = await GatewayFixture.JsonAsync(response);
                while (await StatusAsync(gateway, waiting, key) != "in_progress")
                    await Task.Yield();
            }
        }

        var done = await WhenOverAsync(gateway, await CreateAsync(gateway, Line("a"))).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.Equal((1, 1, 0), Counts(done));
    }
}
