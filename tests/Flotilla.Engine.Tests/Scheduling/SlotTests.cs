using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;
using Flotilla.Engine.Scheduling;
using Xunit;

namespace Flotilla.Engine.Tests.Scheduling;

/// <summary>Who takes part in a step where there are more sequences than slots, and some callers do not read.</summary>
public sealed class SlotTests
{
    private const long BlockBytes = 2 * 16 * sizeof(float);

    private readonly StepBatch _batch = new(32);

    [Fact]
    public void Who_does_not_read_holds_no_slot()
    {
        var scheduler = Make(slots: 2);
        var players = Submit(scheduler, 3);
        Assert.Equal([true, true, false], Step(scheduler, players));
        (players[0].Paused, players[1].Paused) = (true, true);
        Assert.Equal([false, false, true], Step(scheduler, players));
        Assert.Equal((1, 2, 0), (scheduler.Running, scheduler.Paused, scheduler.Waiting));
    }

    /// <summary>What it has stays with it: it goes on where it was, one step after there is a slot.</summary>
    [Fact]
    public void Who_reads_again_goes_on_at_once_and_the_youngest_rests_with_his_pages()
    {
        var scheduler = Make(slots: 2);
        var players = Submit(scheduler, 3);
        players[0].Paused = true;
        Step(scheduler, players);
        players[0].Paused = false;
        Assert.Equal([true, true, false], Step(scheduler, players));
        Assert.Equal((2, 0, 1), (scheduler.Running, scheduler.Paused, scheduler.Waiting));
        Assert.Equal((1, 0), (players[2].Cache!.Pages, players[2].TimesGivenWay));
        players[1].Cancel();
        Assert.Equal([true, false, true], Step(scheduler, players));
    }

    [Fact]
    public void Whoever_begins_meanwhile_does_not_take_turns_from_those_who_came_before_him()
    {
        var scheduler = Make(slots: 1);
        var players = Submit(scheduler, 4);
        for (var round = 0; round < 20; round++)
        {
            players[0].Paused = round % 2 == 0;
            Assert.Equal([round % 2 != 0, round % 2 == 0, false, false], Step(scheduler, players));
        }

        players[1].Cancel();
        players[0].Paused = true;
        Assert.Equal([false, false, true, false], Step(scheduler, players));
    }

    /// <summary>Whoever has begun has lists of his own: as many may who do not read as may wait, and then the others wait.</summary>
    [Fact]
    public void No_more_begin_than_can_run_and_wait()
    {
        var scheduler = Make(slots: 2, queue: 3);
        var players = new List<Player>();
        for (var index = 0; index < 8; index++)
        {
            players.AddRange(Submit(scheduler, 1));
            Step(scheduler, players);
            players[index].Paused = true;
        }

        Assert.Equal((0, 5, 3), (scheduler.Running, scheduler.Paused, scheduler.Waiting));
        Assert.False(scheduler.TrySubmit(new Player(1, 2)));
        players[2].Cancel();
        (players[5].Paused, players[6].Paused) = (false, false);
        Assert.Equal(players.Select((_, index) => index == 5), Step(scheduler, players));
    }

    /// <summary>The older one must not wait for what a younger one claimed while it slept, and who now has no slot to compute it in.</summary>
    [Fact]
    public void Who_rests_keeps_nobody_from_the_beginning_that_both_have()
    {
        var scheduler = Make(slots: 1);
        Player[] players = [new(100, 200, [1]), new(100, 200, [1])];
        Assert.All(players, player => Assert.True(scheduler.TrySubmit(player)));
        Assert.Equal([true, false], Step(scheduler, players));
        players[0].Paused = true;
        Assert.Equal([false, true], Step(scheduler, players));
        players[0].Paused = false;
        for (var step = 0; !players[0].IsDone; step++)
            Assert.Equal([true, false], Step(scheduler, players));
        Step(scheduler, players);
        Assert.True(players[1].Adopted > 0);
    }

    /// <summary>Plans a step and computes it; who took part.</summary>
    private bool[] Step(Scheduler scheduler, IEnumerable<Player> players)
    {
        scheduler.Plan(_batch);
        bool[] took = [.. players.Select(player => player.IsInBatch)];
        scheduler.Complete(null!);
        return took;
    }

    private static Scheduler Make(int slots, int queue = 16) => new(new KvPool([16], BlockBytes * 100), slots, queue);

    private static Player[] Submit(Scheduler scheduler, int count)
    {
        Player[] players = [.. Enumerable.Range(0, count).Select(_ => new Player(4, 200))];
        Assert.All(players, player => Assert.True(scheduler.TrySubmit(player)));
        return players;
    }
}
