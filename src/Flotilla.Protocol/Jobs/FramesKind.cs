using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Pictures out of a video, for a model that sees no more than pictures: JPEG files, evenly spaced, in their order. An output unit is one of them.</summary>
internal sealed class FramesKind() : JobKindOf<FramesRequest>(FramesRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static FramesKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Frames;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Frames];

    /// <inheritdoc />
    public override string Unit => "frames";

    /// <inheritdoc />
    public override bool IsOutputPaid => true;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        var wrong = MediaEvents.Body(item, this, out size);
        return wrong is null && item.TokenCount > (Ends(item) ? 1 : 0) ? $"{item.TokenCount} frames in one choice, or before its end" : wrong;
    }

    /// <inheritdoc />
    protected override JobFault? Check(FramesRequest request)
    {
        if (request.Count is 0 or > OpenAiLimits.FramesMax)
            return new JobFault("frames", $"frames is {request.Count}; it is 1 to {OpenAiLimits.FramesMax}.", OpenAiLimits.FramesMax, request.Count);
        return Mp4Head.Fault(request.Video.Memory) is { } fault ? new JobFault("video", $"video {fault}.") : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(FramesRequest request) => new()
    {
        Choices = (int)request.Count,
        Inputs = 1,
        InputUnitsMax = 0,
        OutputUnitsMax = request.Count,
        OutputMax = LinkLimits.MediaBytesFree + (request.Count * LinkLimits.VideoFrameBytesMax),
    };
}
