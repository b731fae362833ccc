using System.Collections.Frozen;
using System.Collections.Immutable;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>A model as one node offers it.</summary>
internal sealed record ModelOffer
{
    /// <summary>What no node offers.</summary>
    public static ModelOffer None { get; } = From(new Model());

    /// <summary>The id under which clients ask for it.</summary>
    public required string Name { get; init; }

    /// <summary><c>engine</c> or <c>upstream</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>Prompt and completion together; 0 = unknown.</summary>
    public required uint ContextTokens { get; init; }

    /// <summary>What it can do, in the words of link.proto.</summary>
    public required FrozenSet<string> Capabilities { get; init; }

    /// <summary>SHA-256 of the file in hexadecimal; empty for an upstream.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>The engine's numerics contract; empty for an upstream, whose tokens we cannot recompute.</summary>
    public required string NumericsId { get; init; }

    /// <summary>SHA-256 of the tokenizer, or empty.</summary>
    public required string TokenizerDigest { get; init; }

    /// <summary>SHA-256 of the chat template, or empty.</summary>
    public required string TemplateDigest { get; init; }

    /// <summary>Version of the runtime, or empty.</summary>
    public required string RuntimeVersion { get; init; }

    /// <summary>What its test job may take, a cold model's first prompt included.</summary>
    public required TimeSpan AdmissionTime { get; init; }

    /// <summary>The voices that a request may name, in ordinal order; none where the node does not tell.</summary>
    public required ImmutableArray<string> Voices { get; init; }

    /// <summary>Whether the tokens are those of our own engine, so that counts and trace must be exact.</summary>
    public bool IsExact => NumericsId.Length > 0;

    /// <summary>Whether two offers are of the same model in the same state, so that one admission test holds for both.</summary>
    public bool SameAs(ModelOffer other) =>
        this == other with { Capabilities = Capabilities, Voices = Voices } && Capabilities.SetEquals(other.Capabilities) && Voices.SequenceEqual(other.Voices);

    /// <summary>Takes over a checked <see cref="Model"/>.</summary>
    public static ModelOffer From(Model model) => new()
    {
        Name = model.Name,
        Runtime = model.Runtime,
        ContextTokens = model.ContextTokens,
        Capabilities = model.Capabilities.ToFrozenSet(StringComparer.Ordinal),
        ModelDigest = model.ModelDigest,
        NumericsId = model.NumericsId,
        TokenizerDigest = model.TokenizerDigest,
        TemplateDigest = model.TemplateDigest,
        RuntimeVersion = model.RuntimeVersion,
        AdmissionTime = model.AdmissionSeconds > 0 ? TimeSpan.FromSeconds(model.AdmissionSeconds) : NodeLimits.AdmissionTimeout,
        Voices = [.. model.Voices.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };
}
