using System.Runtime.CompilerServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Models;

/// <summary>Room for one long text is not kept for ever.</summary>
public sealed class WorkspaceTests
{
    private const int Step = 16;
    private const int Long = 1500;

    [Fact]
    public void Room_for_a_long_text_is_given_up_after_many_steps_without_one()
    {
        var work = new Workspace(Load().Config, Step, 1);
        work.Fit(Long);
        Assert.Equal(2048, work.TokensMax);
        for (var round = 0; round < 3; round++)
        {
            for (var step = 0; step < EngineLimits.WorkspaceStepsKept - 1; step++)
                work.Fit(step % 2 == 0 ? 3 : 900);
            Assert.Equal(2048, work.TokensMax);
            work.Fit(Long);
        }

        for (var step = 0; step < EngineLimits.WorkspaceStepsKept; step++)
            work.Fit(100);
        Assert.Equal((128, 128), (work.TokensMax, work.Hidden.Buffer.Length / work.Hidden.Stride));
    }

    [Fact]
    public void Room_for_texts_of_usual_length_is_kept()
    {
        var work = new Workspace(Load().Config, Step, 1);
        work.Fit(EngineLimits.WorkspaceTokensKept);
        for (var step = 0; step < 3 * EngineLimits.WorkspaceStepsKept; step++)
            work.Fit(1);
        Assert.False(work.Release());
        Assert.Equal(EngineLimits.WorkspaceTokensKept, work.TokensMax);
    }

    [Fact]
    public void Whoever_rests_gives_up_what_the_last_text_took_and_reads_the_next_one_alike()
    {
        var model = Load();
        using var pool = new ComputePool(1);
        var transformer = new Transformer(model.Config, model.Weights, KernelSet.For(KernelWidth.Best), pool, 1, Step, logitRowsMax: 1);
        var cache = new SequenceCache(new KvPool(transformer.KvBlockLengths, 1L << 40), Long);
        cache.Extend(Long);
        var (first, taken) = Read();
        Assert.True(taken > 4L * Long * model.Config.FeedForward, $"{taken} bytes are taken for the text.");
        Assert.InRange(Read().Bytes, 0, taken / 10);
        transformer.Rest();
        var (again, takenAgain) = Read();
        Assert.Equal(first, again);
        Assert.InRange(takenAgain, taken - (taken / 10), taken);

        (float[] State, long Bytes) Read()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var batch = new StepBatch(Step);
            for (var position = 0; position < Long; position++)
                batch.Add(position % 400, position, cache, Long, 0);
            var row = Enumerable.Range(0, Long).Select(batch.WantHidden).Last();
            transformer.Forward(batch);
            return (transformer.Hidden(row).ToArray(), GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_product_holds_nothing_of_what_went_through_it()
    {
        var (model, pool) = (Load(), new ComputePool(1));
        var product = new MatrixProduct(KernelSet.For(KernelWidth.Best), pool);
        var buffers = Run();
        GC.Collect();
        Assert.All(buffers, buffer => Assert.False(buffer.IsAlive));
        GC.KeepAlive(product);
        pool.Dispose();

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference[] Run()
        {
            var (matrix, input) = (model.Weights.Layers[0].Query, new Activations(1, model.Config.Width));
            var output = new OutputRows(1, model.Config.QueryLength);
            product.Run(input, 1, (matrix, output));
            return [new(input), new(output)];
        }
    }

    private static LoadedModel Load()
    {
        using var file = SyntheticModelFile.Create(SyntheticModelOptions.Encoder(WeightType.F16) with { Context = 2048 });
        return LoadedModel.Load(file.Path, 0, null, CancellationToken.None);
    }
}
