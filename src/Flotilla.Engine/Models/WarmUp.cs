using Flotilla.Engine.Cache;

namespace Flotilla.Engine.Models;

/// <summary>Computes a few tokens before the first request does, so that it does not pay for compiling the kernels.</summary>
internal static class WarmUp
{
    /// <summary>Long enough for the kernels' tiles of four tokens.</summary>
    private const int Tokens = 9;

    public static void Run(Transformer model, KvPool pool, int stepTokens)
    {
        if (SequenceCache.TryCreate(pool, Tokens + 1) is not { } cache)
            return;
        var batch = new StepBatch(stepTokens);
        var count = Math.Min(Tokens, stepTokens);
        cache.Extend(count + 1);
        for (var position = 0; position < count; position++)
            batch.Add(0, position, cache);
        batch.WantLogits(count - 1);
        model.Forward(batch);
        batch.Clear();
        batch.WantLogits(batch.Add(0, count, cache));
        model.Forward(batch);
        cache.Release();
    }
}
