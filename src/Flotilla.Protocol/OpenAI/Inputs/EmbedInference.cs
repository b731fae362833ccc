using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A request for embeddings.</summary>
public sealed record EmbedInference : InputInference
{
    /// <summary>What a node gets.</summary>
    public required EmbedRequest Work { get; init; }

    /// <summary>Whether the answer has base64 in place of numbers: what the official SDKs ask for.</summary>
    public bool Base64 { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Embed;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Embeddings;

    /// <inheritdoc />
    protected override int InputCount => Work.Inputs.Count;

    /// <inheritdoc />
    protected override long InputTokensMax => PromptSize.Of(Work);
}
