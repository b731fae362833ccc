using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;
using Flotilla.Engine.Scheduling;
using Xunit;

namespace Flotilla.Engine.Tests.Scheduling;

/// <summary>Where memory runs out: who gives way, who goes on, and that everybody gets to his end. Played without a model.</summary>
public sealed class GivingWayTests
{
    private const long BlockBytes = 2 * 16 * sizeof(float);

    private readonly StepBatch _batch = new(64);

    [Fact]
    public void The_youngest_gives_way_and_the_oldest_goes_on()
    {
        var scheduler = Make(blocks: 5, out var pool);
        var players = Submit(scheduler, (16, 80), (16, 80), (16, 80));
        Step(scheduler);
        Assert.Equal((2, 1), (scheduler.Running, scheduler.Waiting));
        Until(scheduler, () => players[1].TimesGivenWay == 1);
        Assert.Equal((1, 0), (scheduler.Running, players[0].TimesGivenWay));
        Until(scheduler, () => players.All(player => player.IsDone));
        Assert.Equal(0, players[0].TimesGivenWay);
        scheduler.Plan(_batch);
        Assert.Equal(0, pool.BlocksHeld);
    }

    [Fact]
    public void Who_gave_way_comes_before_all_that_wait()
    {
        var scheduler = Make(blocks: 5, out _);
        var players = Submit(scheduler, (16, 80), (16, 80), (16, 17));
        Until(scheduler, () => players[1].TimesGivenWay == 1);
        Assert.Null(players[2].Cache);
        Until(scheduler, () => players[1].Cache is not null);
        Assert.False(players[2].IsDone);
    }

    [Fact]
    public void Whose_caller_does_not_read_gives_way_first()
    {
        var scheduler = Make(blocks: 5, out _);
        var players = Submit(scheduler, (16, 80), (16, 80));
        Step(scheduler);
        players[0].Paused = true;
        Until(scheduler, () => players[1].IsDone);
        Assert.Equal((1, 0), (players[0].TimesGivenWay, players[1].TimesGivenWay));
        players[0].Paused = false;
        Until(scheduler, () => players[0].IsDone);
    }

    [Fact]
    public void Who_does_not_read_keeps_nobody_from_beginning()
    {
        var scheduler = Make(blocks: 4, out _);
        var players = Submit(scheduler, (60, 64), (60, 64));
        Step(scheduler);
        players[0].Paused = true;
        Until(scheduler, () => players[1].IsDone);
        Assert.False(players[0].IsDone);
    }

    /// <summary>It has cost the others nothing that it was away, so it waits for no more room than at first, and does not hold up those behind it.</summary>
    [Fact]
    public void Who_gave_way_because_his_caller_did_not_read_comes_back_as_he_came()
    {
        var scheduler = Make(blocks: 20, out _);
        var slow = Submit(scheduler, (16, 320))[0];
        for (var round = 1; round <= 5; round++)
        {
            slow.Paused = false;
            Step(scheduler);
            slow.Paused = true;
            var large = Submit(scheduler, (320, 320))[0];
            Until(scheduler, () => large.IsDone);
            Assert.Equal((round, 0), (slow.TimesGivenWay, slow.Doublings));
        }

        var neighbour = Submit(scheduler, (16, 160))[0];
        Step(scheduler);
        slow.Paused = false;
        var next = Submit(scheduler, (16, 160))[0];
        Step(scheduler);
        Assert.All([slow, neighbour, next], player => Assert.NotNull(player.Cache));
    }

    /// <summary>Whatever is computed again for a slow reader brings him at least half of what he may leave unread.</summary>
    [Fact]
    public void Who_reads_slowly_is_computed_again_for_no_fewer_tokens_than_he_has_read_meanwhile()
    {
        var scheduler = Make(blocks: 40, out _);
        var slow = new Player(16, 600) { Unread = 0 };
        Assert.True(scheduler.TrySubmit(slow));
        var (neighbours, steps) = (new List<Player>(), 0);
        while (!slow.IsDone)
        {
            if (neighbours.All(player => player.IsDone))
                neighbours.AddRange(Submit(scheduler, (600, 640)));
            Step(scheduler);
            slow.Read(++steps % 4 == 0 ? 1 : 0);
            Assert.True(steps < 20_000, "It never ends.");
            Assert.InRange(slow.TimesGivenWay, 0, 1 + (slow.Known / (EngineLimits.EventsUnreadMax - EngineLimits.EventsUnreadReturn)));
        }

        Assert.InRange(slow.TimesGivenWay, 2, 5);
        Assert.True(neighbours.Count > 4);
    }

    [Fact]
    public void Who_gave_way_and_has_still_to_read_is_passed_by_all()
    {
        var scheduler = Make(blocks: 40, out _);
        var slow = new Player(16, 640) { Unread = 0 };
        Assert.True(scheduler.TrySubmit(slow));
        Until(scheduler, () => slow.IsPaused);
        var neighbours = Submit(scheduler, (600, 640), (600, 640), (600, 640));
        Until(scheduler, () => neighbours[0].IsDone);
        slow.Read(128);
        Assert.Equal((1, false, false), (slow.TimesGivenWay, slow.IsPaused, slow.HasCaughtUp));
        Until(scheduler, () => neighbours[1].IsDone);
        slow.Read(1);
        Until(scheduler, () => slow.Cache is not null);
        Assert.Null(neighbours[2].Cache);
        Until(scheduler, () => slow.IsPaused);
        Until(scheduler, () => neighbours[2].IsDone);
    }

    [Fact]
    public void Who_is_cancelled_while_he_waits_again_is_gone()
    {
        var scheduler = Make(blocks: 5, out var pool);
        var players = Submit(scheduler, (16, 80), (16, 80));
        Until(scheduler, () => players[1].TimesGivenWay == 1);
        players[1].Cancel();
        Step(scheduler);
        Assert.Equal((1, 0), (scheduler.Running, scheduler.Waiting));
        Until(scheduler, () => players[0].IsDone);
        Assert.False(scheduler.Plan(_batch));
        Assert.Equal(0, pool.BlocksHeld);
    }

    [Fact]
    public void Who_had_to_give_way_hears_when_all_ends()
    {
        var scheduler = Make(blocks: 5, out _);
        var players = Submit(scheduler, (16, 80), (16, 80));
        Until(scheduler, () => players[1].TimesGivenWay == 1);
        scheduler.FailAll(() => new InvalidOperationException("over"));
        Assert.All(players, player => Assert.Equal("over", player.Failure?.Message));
        Assert.Equal((0, 0), (scheduler.Running, scheduler.Waiting));
    }

    /// <summary>
    /// Any pool, any number of slots, any sequences, some that share a beginning, some slow, some that go away: no step is without work while somebody
    /// could go on, all get to their end, no page is lost, and where all read, the times that one gives way grow as a logarithm.
    /// </summary>
    [Fact]
    public void All_get_to_their_end_in_any_pool()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var blocks = random.Next(4, 24);
            var scheduler = Make(blocks, out var pool, kept: random.Next(2) * blocks, slots: 8 - (seed / 2 % 8));
            var players = new List<Player>();
            for (var count = random.Next(2, 12); count > 0; count--)
            {
                var most = random.Next(2, (blocks * 16) + 1);
                players.Add(new Player(random.Next(1, most), most, random.Next(3) == 0 ? null : [(byte)random.Next(2)]));
            }

            for (var index = 0; index < players.Count && seed % 4 == 1; index += 2)
                players[index].Unread = 0;

            var slowness = seed % 2 == 0 ? 0 : 8;
            Play(random, scheduler, players, slowness, $"seed {seed}");
            Assert.False(scheduler.Plan(_batch), $"seed {seed}");
            Assert.True(pool.BlocksHeld == 0, $"seed {seed}: {pool.BlocksHeld} pages are held by nobody");
            Assert.True(slowness > 0 || players.Max(player => player.TimesGivenWay) <= 6, $"seed {seed}: somebody gave way {players.Max(player => player.TimesGivenWay)} times");
        }
    }

    private void Play(Random random, Scheduler scheduler, List<Player> players, int slowness, string what)
    {
        var submitted = 0;
        for (var step = 0; submitted < players.Count || players.Any(player => !player.IsDone && !player.IsCancelled); step++)
        {
            Assert.True(step < 100_000, what);
            if (submitted < players.Count && random.Next(4) == 0)
                Assert.True(scheduler.TrySubmit(players[submitted++]));
            foreach (var player in players)
            {
                player.Paused = slowness > 0 && random.Next(slowness) == 0;
                player.Read(player.Unread is null ? 0 : random.Next(3));
            }

            if (random.Next(400) == 0)
                players[random.Next(players.Count)].Cancel();
            var couldGoOn = players.Take(submitted).Any(player => player.CouldGoOn);
            Assert.True(Step(scheduler) || !couldGoOn, $"{what}: nothing is computed in step {step}");
        }
    }

    private bool Step(Scheduler scheduler)
    {
        var any = scheduler.Plan(_batch);
        if (any)
            scheduler.Complete(null!);
        return any;
    }

    private void Until(Scheduler scheduler, Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
            Assert.True(Step(scheduler) && step < 1000, "It never happens.");
    }

    private static Scheduler Make(int blocks, out KvPool pool, int kept = 0, int slots = 8) =>
        new(pool = new KvPool([16], BlockBytes * blocks, BlockBytes * kept), slots, queueMax: 16);

    private static Player[] Submit(Scheduler scheduler, params (int Tokens, int Most)[] lengths)
    {
        Player[] players = [.. lengths.Select(length => new Player(length.Tokens, length.Most, null))];
        Assert.All(players, player => Assert.True(scheduler.TrySubmit(player)));
        return players;
    }
}
