using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request for a video.</summary>
public sealed record VideoInference : InferenceRequest
{
    /// <summary>What a node gets.</summary>
    public required VideoRequest Work { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Video;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Video;

    /// <summary>The size as a client writes it.</summary>
    public string Size => PixelSize.Text(Work.Width, Work.Height);

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => 0;

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => Work.Seconds;
}
