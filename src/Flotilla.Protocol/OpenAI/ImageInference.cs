using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request for pictures.</summary>
public sealed record ImageInference : InferenceRequest
{
    /// <summary>What a node gets.</summary>
    public required ImageRequest Work { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Image;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Work.Task switch
    {
        ImageRequest.Types.Task.Edit => Link.Capability.ImageEdit,
        ImageRequest.Types.Task.Vary => Link.Capability.ImageVariation,
        _ => Link.Capability.Image,
    };

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => 0;

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => Work.Count;
}
