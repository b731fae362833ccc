using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A request to moderate texts, or one text with images.</summary>
public sealed record ModerateInference : InputInference
{
    /// <summary>What a node gets.</summary>
    public required ModerateRequest Work { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Moderate;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Moderation;

    /// <inheritdoc />
    public override IEnumerable<Image> Images => Work.Images;

    /// <inheritdoc />
    protected override int InputCount => Work.Inputs.Count;

    /// <inheritdoc />
    protected override long InputTokensMax => PromptSize.Of(Work);
}
