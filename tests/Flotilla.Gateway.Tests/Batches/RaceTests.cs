using Flotilla.Core;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Batches.BatchTests;

namespace Flotilla.Gateway.Tests.Batches;

/// <summary>Lines that ask several models at once, at the end of their batch.</summary>
public sealed class RaceTests
{
    private const string Race = "\"models\":[\"a\",\"b\"],\"strategy\":\"race\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_loser_of_a_batchs_last_line_is_stopped_and_costs_nothing()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerWhenPermitted("from ", "a");
        fleet["b"].Script = Scripts.AnswerThenHang("never");

        var batch = await CreateAsync(fleet.Gateway, Line("race", Race).Replace("\"scripted\"", "\"a\"", StringComparison.Ordinal));
        var loser = await fleet["b"].NextRunAsync(Cancellation);
        (await fleet["a"].NextRunAsync(Cancellation)).Permit(3);
        var done = await WhenOverAsync(fleet.Gateway, batch);

        Assert.Equal((1, 1, 0), Counts(done));
        await loser.Cancelled.WaitAsync(Cancellation);
        var body = (await LinesAsync(fleet.Gateway, done, "output_file_id")).Single().GetProperty("response").GetProperty("body");
        Assert.Equal("from a", EnsembleFixture.Content(body));
        Assert.Equal(EnsembleFixture.Cost(2) / 2, fleet.Spent());
        Assert.Equal(Credits.Zero, fleet.Gateway.Balance.Held);
    }

    [Fact]
    public async Task A_race_that_is_cancelled_with_its_batch_holds_nothing_and_costs_nothing()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerWhenPermitted("never");
        fleet["b"].Script = Scripts.AnswerWhenPermitted("never");
        var batch = await CreateAsync(fleet.Gateway, Line("race", Race).Replace("\"scripted\"", "\"a\"", StringComparison.Ordinal));
        var runs = new[] { await fleet["a"].NextRunAsync(Cancellation), await fleet["b"].NextRunAsync(Cancellation) };

        using var cancelled = await fleet.Gateway.PostAsync($"/v1/batches/{batch.GetProperty("id").GetString()}/cancel", "");
        foreach (var run in runs)
            await run.Cancelled.WaitAsync(Cancellation);
        var done = await WhenOverAsync(fleet.Gateway, batch);

        Assert.Equal("cancelled", done.GetProperty("status").GetString());
        Assert.Equal((1, 0, 0), Counts(done));
        Assert.Equal(0, fleet.Spent());
        Assert.Equal(Credits.Zero, fleet.Gateway.Balance.Held);
    }
}
