using Flotilla.Engine;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>Reads the inputs of a job in the engine: texts become vectors of length 1, pairs of query and document scores.</summary>
internal static class EngineReadings
{
    /// <summary>Embeds texts, at most that many at once; the engine batches those.</summary>
    /// <exception cref="GenerationRejectedException">An input is empty or longer than the context.</exception>
    /// <exception cref="GenerationFailedException">The model computed something that is no number.</exception>
    public static async Task<RunResult> EmbedAsync(InferenceEngine engine, int parallel, EmbedRequest work, IRunOutput output, CancellationToken ct)
    {
        var lengths = engine.Model.EmbeddingDimensions;
        var dimensions = work.HasDimensions ? (int)work.Dimensions : engine.Model.EmbeddingLength;
        // A vector can be cut where the model was trained for it; elsewhere its first values are no better than any others.
        if (!lengths.Contains(dimensions))
        {
            return RunResult.Failed(new RunFailure(
                Failed.Types.Code.Unsupported,
                $"This model's embeddings have {string.Join(", ", lengths)} dimensions{(lengths.Count == 1 ? " and cannot be shortened" : "")}; {work.Dimensions} were asked for.",
                Retryable: false)
            {
                Param = "dimensions", Limit = (ulong)engine.Model.EmbeddingLength, Value = work.Dimensions,
            });
        }

        return VectorSize.Check(work.Inputs.Count, dimensions) is { } tooLong
            ? RunResult.Failed(tooLong)
            : await ReadAsync(work.Inputs.Count, parallel, output, EmbedOneAsync, ct);

        async Task<(Event Event, int Tokens)> EmbedOneAsync(int index, CancellationToken token)
        {
            var input = work.Inputs[index];
            var embedding = await (input.InputCase == Prompt.InputOneofCase.Text
                ? engine.EmbedAsync(input.Text, dimensions, token)
                : engine.EmbedAsync([.. input.TokenIds.Ids.Select(id => checked((int)id))], dimensions, token));
            var vector = new Vector { Values = UnsafeByteOperations.UnsafeWrap(Float32.Bytes(embedding.Vector)) };
            return (new Event { Vector = vector }, embedding.Tokens);
        }
    }

    /// <summary>Scores documents, at most that many at once; the engine batches those.</summary>
    /// <exception cref="GenerationRejectedException">A document, together with the query, is longer than the context.</exception>
    /// <exception cref="GenerationFailedException">The model computed something that is no number.</exception>
    public static Task<RunResult> RankAsync(InferenceEngine engine, int parallel, RerankRequest work, IRunOutput output, CancellationToken ct) =>
        ReadAsync(
            work.Documents.Count, parallel, output,
            async (index, token) =>
            {
                var rank = await engine.RankAsync(work.Query, work.Documents[index], token);
                return (new Event { Score = new Score { Relevance = rank.Score } }, rank.Tokens);
            },
            ct);

    private static async Task<RunResult> ReadAsync(
        int inputs, int parallel, IRunOutput output, Func<int, CancellationToken, Task<(Event Event, int Tokens)>> readAsync, CancellationToken ct)
    {
        long tokens = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct };
        await Parallel.ForAsync(0, inputs, options, async (index, token) =>
        {
            var (item, count) = await readAsync(index, token);
            Interlocked.Add(ref tokens, count);
            item.Choice = (uint)index;
            await output.EmitAsync(item, token);
        });
        return RunResult.Completed(new Usage { PromptTokens = checked((uint)tokens) });
    }
}
