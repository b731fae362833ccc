using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Several callers, slow ones, gone ones, and an engine that ends.</summary>
public sealed class ConcurrencyTests
{
    private static readonly SyntheticModelOptions s_model = new() { Layers = 1, Context = 4096 };

    private static readonly GenerationRequest s_long = new() { PromptTokens = Engines.Prompt(5), MaxTokens = 4000, IgnoreEos = true };

    private static readonly GenerationRequest s_short = new() { PromptTokens = Engines.Prompt(5), MaxTokens = 3, IgnoreEos = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>There is room for one sequence: the second can only run because the first has left.</summary>
    [Fact]
    public async Task Generate_whoever_stops_reading_leaves()
    {
        await using var engine = await Engines.LoadAsync(s_model, new() { Threads = 1, SequencesMax = 1 });
        await foreach (var next in engine.GenerateAsync(s_long, Cancellation))
        {
            if (next is TextDelta)
                break;
        }

        Assert.Equal(3, (await engine.CompleteAsync(s_short, Cancellation)).Tokens.Count);
    }

    [Fact]
    public async Task Generate_whoever_cancels_leaves_running_or_waiting()
    {
        await using var engine = await Engines.LoadAsync(s_model, new() { Threads = 1, SequencesMax = 1, QueueMax = 2 });
        await using var idle = await FillAsync(engine, 2);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var first = engine.GenerateAsync(s_long, running.Token).GetAsyncEnumerator(Cancellation);
        await ReadTextAsync(first);
        var second = engine.CompleteAsync(s_long, waiting.Token);
        var third = engine.CompleteAsync(s_short, Cancellation);
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        await running.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadToEndAsync(first));
        Assert.Equal(3, (await third).Tokens.Count);
    }

    [Fact]
    public async Task Generate_full_queue_is_refused()
    {
        await using var engine = await Engines.LoadAsync(s_model, new() { Threads = 1, SequencesMax = 1, QueueMax = 1 });
        await using var idle = await FillAsync(engine, 2);
        await using var waiting = engine.GenerateAsync(s_short, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await waiting.MoveNextAsync());
        Assert.Equal(1, engine.Load.Waiting);

        var exception = await Assert.ThrowsAsync<GenerationRejectedException>(() => engine.CompleteAsync(s_short, Cancellation));
        Assert.Equal(GenerationRejection.QueueFull, exception.Reason);
    }

    /// <summary>A caller who does not read pauses his own sequence: another one finishes, though there is one slot, and his own goes on when he reads.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Generate_slow_reader_holds_up_nobody_else(int slots)
    {
        await using var engine = await Engines.LoadAsync(s_model, new() { Threads = 1, SequencesMax = slots });
        var request = s_long with { MaxTokens = 1000 };
        await using var slow = engine.GenerateAsync(request, Cancellation).GetAsyncEnumerator(Cancellation);
        await ReadTextAsync(slow);
        var quick = await engine.CompleteAsync(request, Cancellation);
        Assert.Equal(1000, quick.Tokens.Count);
        var last = await ReadToEndAsync(slow);
        Assert.Equal(Convert.ToHexString(last.TraceRoot), quick.Root);
    }

    [Fact]
    public async Task Generate_many_more_than_run_at_once_all_finish_as_if_alone()
    {
        await using var engine = await Engines.LoadAsync(s_model, new() { Threads = 2, SequencesMax = 3, ParallelCostMin = 0 });
        GenerationRequest Request(int seed) => new()
        {
            PromptTokens = Engines.Prompt(10 + (seed * 7), seed), MaxTokens = 12 + seed, IgnoreEos = true, Sampling = new() { Seed = (ulong)seed },
        };
        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(seed => engine.CompleteAsync(Request(seed), Cancellation)));
        for (var seed = 0; seed < 20; seed++)
        {
            var alone = await engine.CompleteAsync(Request(seed), Cancellation);
            Assert.Equal((alone.Root, alone.Text), (together[seed].Root, together[seed].Text));
        }

        Assert.Equal(0, engine.Load.Waiting);
    }

    [Fact]
    public async Task Dispose_ends_what_runs_and_what_waits()
    {
        var engine = await Engines.LoadAsync(s_model, new() { Threads = 2, SequencesMax = 1, QueueMax = 1 });
        await using var idle = await FillAsync(engine, 1);
        await using var running = engine.GenerateAsync(s_long, Cancellation).GetAsyncEnumerator(Cancellation);
        await ReadTextAsync(running);
        var waiting = engine.CompleteAsync(s_short, Cancellation);
        await engine.DisposeAsync();
        await engine.DisposeAsync();
        Assert.Equal(GenerationFailure.Stopped, (await Assert.ThrowsAsync<GenerationFailedException>(() => ReadToEndAsync(running))).Reason);
        Assert.Equal(GenerationFailure.Stopped, (await Assert.ThrowsAsync<GenerationFailedException>(() => waiting)).Reason);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.CompleteAsync(s_short, Cancellation));
    }

    [Fact]
    public async Task Load_cancelled_is_cancelled()
    {
        using var file = SyntheticModelFile.Create();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InferenceEngine.LoadAsync(file.Path, cancellation: cancelled.Token));
    }

    [Fact]
    public async Task Load_reports_progress_to_the_end()
    {
        using var file = SyntheticModelFile.Create(SyntheticModelOptions.DemoShape);
        var reports = new Reports();
        await using var engine = await InferenceEngine.LoadAsync(file.Path, new() { Threads = 1 }, reports, Cancellation);
        Assert.True(reports.All.Count > 3);
        Assert.Equal(reports.All.OrderBy(report => report.BytesRead), reports.All);
        Assert.Equal(new FileInfo(file.Path).Length, reports.All[^1].BytesRead);
        Assert.Equal(4_442_624, engine.Model.ParameterCount);
    }

    /// <summary>
    /// As many sequences as have begun and wait for callers who do not read: each begins because the one before has paused. Once there are as
    /// many as slots and places in the queue together, whoever comes next waits.
    /// </summary>
    private static async Task<Callers> FillAsync(InferenceEngine engine, int count)
    {
        var callers = new Callers();
        for (var index = 0; index < count; index++)
        {
            callers.All.Add(engine.GenerateAsync(s_long, Cancellation).GetAsyncEnumerator(Cancellation));
            await ReadTextAsync(callers.All[^1]);
        }

        return callers;
    }

    private static async Task ReadTextAsync(IAsyncEnumerator<GenerationEvent> events)
    {
        while (await events.MoveNextAsync())
        {
            if (events.Current is TextDelta)
                return;
        }
    }

    private static async Task<Finished> ReadToEndAsync(IAsyncEnumerator<GenerationEvent> events)
    {
        while (await events.MoveNextAsync())
        {
            if (events.Current is Finished finished)
                return finished;
        }

        throw new InvalidOperationException("The generation ended without its last event.");
    }

    private sealed class Callers : IAsyncDisposable
    {
        public List<IAsyncEnumerator<GenerationEvent>> All { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var caller in All)
                await caller.DisposeAsync();
        }
    }

    private sealed class Reports : IProgress<LoadProgress>
    {
        public List<LoadProgress> All { get; } = [];

        public void Report(LoadProgress value) => All.Add(value);
    }
}
