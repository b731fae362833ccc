using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The first half of a request about a video: the frames that a model will be shown.</summary>
public sealed record FramesInference : InferenceRequest
{
    /// <summary>What a node gets; without the video's bytes while these are elsewhere.</summary>
    public required FramesRequest Work { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Frames;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Frames;

    /// <inheritdoc />
    public override void Place(Func<string, string?> dataUrlOf)
    {
        if (RemoteFiles.Count > 0 && dataUrlOf(RemoteFiles[0].Url) is { } here)
            Work.Video = UnsafeByteOperations.UnsafeWrap(PartReader.BytesOf(here));
    }

    /// <inheritdoc />
    public override long InputUnitsMax(uint contextTokens) => 0;

    /// <inheritdoc />
    public override long OutputUnitsMax(uint contextTokens) => Work.Count;
}
