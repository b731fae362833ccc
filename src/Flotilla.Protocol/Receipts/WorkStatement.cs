using Flotilla.Core;

namespace Flotilla.Protocol.Receipts;

/// <summary>What a node states, and signs, about one job that it did.</summary>
public sealed record WorkStatement
{
    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>Which attempt at the job this was, from 1.</summary>
    public required long Attempt { get; init; }

    /// <summary>The node, as <see cref="Core.NodeId"/>.</summary>
    public required string NodeId { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model file in hexadecimal; empty for an upstream.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>The engine's numerics contract; empty for an upstream.</summary>
    public required string NumericsId { get; init; }

    /// <summary>SHA-256 of salt and request bytes, hexadecimal.</summary>
    public required string InputCommit { get; init; }

    /// <summary><see cref="OutputDigest"/>, hexadecimal.</summary>
    public required string OutputCommit { get; init; }

    /// <summary>The seed in decimal: it may exceed what JSON numbers hold.</summary>
    public required string Seed { get; init; }

    /// <summary>The engine's trace, hexadecimal; empty for an upstream.</summary>
    public required string TraceRoot { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt tokens that came from a cache.</summary>
    public required long CachedTokens { get; init; }

    /// <summary>Generated tokens over all choices.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>Milliseconds since 1970 by the node's clock.</summary>
    public required long FinishedUnixMs { get; init; }

    /// <summary>Whether the gateway stopped the job.</summary>
    public required bool Cancelled { get; init; }

    /// <summary>The bytes that are signed: a label line and the canonical JSON.</summary>
    public byte[] SignedBytes() => AddTo(new CanonicalJson()).ToUtf8("flotilla-work-v1\n"u8);

    /// <summary>Whether this statement was signed by the key, and the key belongs to <see cref="NodeId"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature) =>
        Core.NodeId.Of(publicKey).Value == NodeId && Ed25519.Verify(publicKey, SignedBytes(), signature);

    internal CanonicalJson AddTo(CanonicalJson json) => json
        .Add("attempt", Attempt)
        .Add("cached_tokens", CachedTokens)
        .Add("cancelled", Cancelled ? 1 : 0)
        .Add("completion_tokens", CompletionTokens)
        .Add("finished_unix_ms", FinishedUnixMs)
        .Add("input_commit", InputCommit)
        .Add("job_id", JobId)
        .Add("model", Model)
        .Add("model_digest", ModelDigest)
        .Add("node_id", NodeId)
        .Add("numerics_id", NumericsId)
        .Add("output_commit", OutputCommit)
        .Add("prompt_tokens", PromptTokens)
        .Add("seed", Seed)
        .Add("trace_root", TraceRoot);
}
