using Flotilla.Engine;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>Embeds the inputs of a job in the engine: the mean of each one's final hidden states, of length 1.</summary>
internal static class EngineEmbeddings
{
    /// <summary>Embeds them, at most that many at once; the engine batches those.</summary>
    /// <exception cref="GenerationRejectedException">An input is empty or longer than the context.</exception>
    /// <exception cref="GenerationFailedException">The model computed something that is no number.</exception>
    public static async Task<RunResult> RunAsync(InferenceEngine engine, int parallel, EmbedRequest work, IRunOutput output, CancellationToken ct)
    {
        // A mean of hidden states cannot be cut: its first values are no better than any others.
        if (work.HasDimensions && work.Dimensions != engine.Model.EmbeddingLength)
        {
            return RunResult.Failed(new RunFailure(
                Failed.Types.Code.Unsupported, $"This model's embeddings have {engine.Model.EmbeddingLength} dimensions and cannot be shortened; {work.Dimensions} were asked for.", Retryable: false)
            {
                Param = "dimensions", Limit = (ulong)engine.Model.EmbeddingLength, Value = work.Dimensions,
            });
        }

        if (VectorSize.Check(work.Inputs.Count, engine.Model.EmbeddingLength) is { } tooLong)
            return RunResult.Failed(tooLong);
        long tokens = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct };
        await Parallel.ForAsync(0, work.Inputs.Count, options, async (index, token) =>
        {
            var input = work.Inputs[index];
            var embedding = await (input.InputCase == Prompt.InputOneofCase.Text
                ? engine.EmbedAsync(input.Text, token)
                : engine.EmbedAsync([.. input.TokenIds.Ids.Select(id => checked((int)id))], token));
            Interlocked.Add(ref tokens, embedding.Tokens);
            var vector = new Vector { Values = UnsafeByteOperations.UnsafeWrap(Float32.Bytes(embedding.Vector)) };
            await output.EmitAsync(new Event { Choice = (uint)index, Vector = vector }, token);
        });
        return RunResult.Completed(new Usage { PromptTokens = checked((uint)tokens) });
    }
}
