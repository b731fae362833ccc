using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>A video from words, and perhaps a picture: an MP4 file. An output unit is a second of it, begun ones included; they come with the end, so that a part costs nothing.</summary>
internal sealed class VideoKind() : JobKindOf<VideoRequest>(VideoRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static VideoKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Video;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Video];

    /// <inheritdoc />
    public override string Unit => "video seconds";

    /// <inheritdoc />
    public override bool IsOutputPaid => true;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        var wrong = MediaEvents.Body(item, this, out size);
        return wrong is null && item.TokenCount > 0 && !Ends(item) ? "seconds of a video before its end" : wrong;
    }

    /// <inheritdoc />
    protected override JobFault? Check(VideoRequest request)
    {
        if (request.Seconds is 0 or > OpenAiLimits.VideoSecondsMax)
            return new JobFault("seconds", $"seconds is {request.Seconds}; it is 1 to {OpenAiLimits.VideoSecondsMax}.", OpenAiLimits.VideoSecondsMax, request.Seconds);
        if (request.Prompt.Length is 0 or > OpenAiLimits.ImagePromptCharsMax)
            return new JobFault("prompt", $"prompt has {request.Prompt.Length} characters; it has 1 to {OpenAiLimits.ImagePromptCharsMax}.", OpenAiLimits.ImagePromptCharsMax, (ulong)request.Prompt.Length);
        if (request.Width > OpenAiLimits.ImageSideMax || request.Height > OpenAiLimits.ImageSideMax)
            return new JobFault("size", $"size is {request.Width}x{request.Height}; a side has at most {OpenAiLimits.ImageSideMax} pixels.", OpenAiLimits.ImageSideMax, Math.Max(request.Width, request.Height));
        return !request.Image.IsEmpty && ImageHeader.Fault(request.Image.Span, out _) is { } fault ? new JobFault("input_reference", $"input_reference {fault}.") : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(VideoRequest request) => new()
    {
        Choices = 1,
        Inputs = 1,
        InputUnitsMax = 0,
        OutputUnitsMax = request.Seconds,
        OutputMax = LinkLimits.MediaBytesFree + (request.Seconds * LinkLimits.VideoBytesPerSecondMax),
    };
}
