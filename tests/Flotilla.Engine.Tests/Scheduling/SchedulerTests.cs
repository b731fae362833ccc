using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;
using Flotilla.Engine.Scheduling;
using Xunit;

namespace Flotilla.Engine.Tests.Scheduling;

public sealed class SchedulerTests
{
    /// <summary>16 positions of one stage with 16 floats.</summary>
    private const long BlockBytes = 2 * 16 * sizeof(float);

    private readonly StepBatch _batch = new(16);

    [Fact]
    public void Plan_gives_every_running_sequence_a_token_and_prompts_equal_parts()
    {
        var scheduler = Make(blocks: 100);
        Probe[] generating = [Submit(scheduler, 1), Submit(scheduler, 1)];
        Probe[] prompts = [Submit(scheduler, 50), Submit(scheduler, 3), Submit(scheduler, 50)];

        Assert.True(scheduler.Plan(_batch));

        Assert.Equal([1, 1], generating.Select(sequence => sequence.Taken));
        Assert.Equal([4, 3, 7], prompts.Select(sequence => sequence.Taken));
        Assert.Equal(16, _batch.Count);
        Assert.Equal(3, _batch.LogitCount);
    }

    [Fact]
    public void Plan_with_nothing_to_do_says_so()
    {
        var scheduler = Make(blocks: 4);
        Assert.False(scheduler.Plan(_batch));
        var paused = Submit(scheduler, 5);
        paused.Paused = true;
        Assert.False(scheduler.Plan(_batch));
        paused.Paused = false;
        Assert.True(scheduler.Plan(_batch));
    }

    [Fact]
    public void Plan_texts_that_are_computed_whole_share_a_step_where_they_fit_and_a_long_one_is_alone()
    {
        var scheduler = Make(blocks: 100);
        Probe[] texts = [SubmitWhole(scheduler, 7), SubmitWhole(scheduler, 9), SubmitWhole(scheduler, 1), SubmitWhole(scheduler, 40), SubmitWhole(scheduler, 5)];

        Assert.Equal([7, 9, 0, 0, 0], Step());
        Assert.All(Enumerable.Range(0, 16), token => Assert.Equal(token < 7 ? 7 : 9, _batch.Seen[token]));
        Assert.Equal([0, 0, 1, 0, 5], Step());
        Assert.Equal([0, 0, 0, 40, 0], Step());
        Assert.Equal(Enumerable.Range(0, 40), _batch.Positions.ToArray());
        Assert.All(_batch.Seen.ToArray(), seen => Assert.Equal(40, seen));

        int[] Step()
        {
            scheduler.Plan(_batch);
            int[] taken = [.. texts.Select(text => text.Taken)];
            scheduler.Complete(null!);
            foreach (var text in texts.Where(text => text.Pending == 0))
                text.Finish();
            return taken;
        }
    }

    [Fact]
    public void Plan_sequence_waits_until_memory_for_its_tokens_and_a_page_for_everybody_is_free()
    {
        var scheduler = Make(blocks: 5);
        var first = Submit(scheduler, 20);
        var second = Submit(scheduler, 5);
        var third = Submit(scheduler, 5, positionsMax: 16);
        scheduler.Plan(_batch);
        Assert.Equal((2, 1), (scheduler.Running, scheduler.Waiting));

        first.Finish();
        scheduler.Plan(_batch);
        Assert.Equal((2, 0), (scheduler.Running, scheduler.Waiting));
        Assert.Equal((5, 5), (second.Taken, third.Taken));
    }

    [Fact]
    public void Plan_sequences_whose_longest_forms_fit_need_no_page_to_spare()
    {
        var scheduler = Make(blocks: 2);
        Submit(scheduler, 5, positionsMax: 16);
        Submit(scheduler, 5, positionsMax: 16);
        scheduler.Plan(_batch);
        Assert.Equal((2, 0), (scheduler.Running, scheduler.Waiting));
    }

    [Fact]
    public void Plan_cancelled_sequence_leaves_before_the_next_step()
    {
        var scheduler = Make(blocks: 2);
        var first = Submit(scheduler, 17, positionsMax: 32);
        var second = Submit(scheduler, 5, positionsMax: 32);
        scheduler.Plan(_batch);
        Assert.Equal((1, 1), (scheduler.Running, scheduler.Waiting));
        first.Cancel();
        scheduler.Plan(_batch);
        Assert.Equal(5, second.Taken);
        Assert.Equal(5, _batch.Count);
        second.Cancel();
        Assert.False(scheduler.Plan(_batch));
        Assert.Equal((0, 0), (scheduler.Running, scheduler.Waiting));
    }

    [Fact]
    public void TrySubmit_to_a_full_queue_is_refused_and_accepted_again_later()
    {
        var scheduler = new Scheduler(new KvPool([16], BlockBytes * 100), sequencesMax: 1, queueMax: 2);
        Submit(scheduler, 2);
        scheduler.Plan(_batch);
        Submit(scheduler, 2);
        Submit(scheduler, 2);
        Assert.False(scheduler.TrySubmit(new Probe(1, 16)));
        Assert.Equal((1, 2), (scheduler.Running, scheduler.Waiting));
    }

    [Fact]
    public void Plan_cancelled_sequence_gives_up_its_place_in_the_queue()
    {
        var scheduler = new Scheduler(new KvPool([16], BlockBytes * 100), sequencesMax: 1, queueMax: 2);
        Submit(scheduler, 2);
        scheduler.Plan(_batch);
        Submit(scheduler, 2);
        var gone = Submit(scheduler, 2);
        gone.Cancel();
        scheduler.Plan(_batch);
        Assert.Equal((1, 1), (scheduler.Running, scheduler.Waiting));
        Submit(scheduler, 2);
    }

    [Fact]
    public void FailAll_tells_waiting_and_running_and_frees_memory()
    {
        var pool = new KvPool([16], BlockBytes * 2);
        var scheduler = new Scheduler(pool, 4, 4);
        Probe[] sequences = [Submit(scheduler, 5, 32), Submit(scheduler, 5, 32)];
        scheduler.Plan(_batch);
        scheduler.FailAll(() => new InvalidOperationException("over"));
        Assert.All(sequences, sequence => Assert.Equal("over", sequence.Failure?.Message));
        Assert.Equal(0, pool.BlocksHeld);
    }

    [Fact]
    public void Extend_goes_as_far_as_there_are_pages()
    {
        var pool = new KvPool([16], BlockBytes * 2);
        var cache = new SequenceCache(pool, 64);
        Assert.Equal(7, cache.Extend(7));
        Assert.Equal((1, 1), (cache.Pages, pool.BlocksHeld));
        Assert.Equal(32, cache.Extend(50));
        Assert.Equal((2, 0), (cache.Pages, pool.BlocksFree));
    }

    [Fact]
    public void Release_blocks_are_used_again()
    {
        var pool = new KvPool([16], BlockBytes);
        var cache = new SequenceCache(pool, 16);
        cache.Extend(1);
        var block = cache.Blocks(0)[0];
        var next = new SequenceCache(pool, 16);
        Assert.Equal(0, next.Extend(1));
        cache.Release();
        Assert.Equal(1, next.Extend(1));
        Assert.Same(block, next.Blocks(0)[0]);
    }

    private static Scheduler Make(int blocks) => new(new KvPool([16], BlockBytes * blocks), sequencesMax: 8, queueMax: 8);

    private static Probe SubmitWhole(Scheduler scheduler, int tokens)
    {
        var sequence = new Probe(tokens, tokens) { Whole = true };
        Assert.True(scheduler.TrySubmit(sequence));
        return sequence;
    }

    private static Probe Submit(Scheduler scheduler, int tokens, int positionsMax = 64)
    {
        var sequence = new Probe(tokens, positionsMax);
        Assert.True(scheduler.TrySubmit(sequence));
        return sequence;
    }

    private sealed class Probe(int tokens, int positionsMax) : Sequence(Enumerable.Repeat(0, tokens), positionsMax)
    {
        public bool Paused { get; set; }

        public int Taken => InBatch;

        public Exception? Failure { get; private set; }

        public bool Whole { get; init; }

        public override bool IsPaused => Paused;

        public override bool IsWhole => Whole;

        public void Finish() => IsDone = true;

        public override void WantLogits(StepBatch batch)
        {
            if (CatchesUp)
                batch.WantLogits(FirstInBatch + InBatch - 1);
        }

        public override void Fail(Exception exception)
        {
            IsDone = true;
            Failure = exception;
        }

        protected override int Absorb(Transformer model) => 0;
    }
}
