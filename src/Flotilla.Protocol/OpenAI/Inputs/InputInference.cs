namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A request about inputs that a model reads and does not continue: embeddings, reranking, moderation. Output is free.</summary>
public abstract record InputInference : InferenceRequest
{
    /// <summary>Inputs that the model reads one by one, each within its context.</summary>
    protected abstract int InputCount { get; }

    /// <summary>An upper bound of their tokens.</summary>
    protected abstract long InputTokensMax { get; }

    /// <inheritdoc />
    /// <remarks>An input that would not fit is refused by the node before any work, so its price need not be covered.</remarks>
    public sealed override long InputUnitsMax(uint contextTokens) => Math.Min(InputTokensMax, (long)contextTokens * InputCount);

    /// <inheritdoc />
    public sealed override long OutputUnitsMax(uint contextTokens) => 0;
}
