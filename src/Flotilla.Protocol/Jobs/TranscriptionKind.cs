using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Speech that is written down, perhaps in English. An input unit is a second of sound, begun ones included; the text costs nothing beside.</summary>
internal sealed class TranscriptionKind() : JobKindOf<TranscriptionRequest>(TranscriptionRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static TranscriptionKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Transcribe;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Transcription, Capability.Translation];

    /// <inheritdoc />
    public override string Unit => "audio seconds";

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        if (item.BodyCase != Event.BodyOneofCase.Segment)
            return MediaEvents.Common(item, this, out size);
        size = item.Segment.Text.Length + item.Segment.Words.Sum(w => w.Text.Length);
        if (item.Segment.EndMs < item.Segment.StartMs || item.Segment.Words.Any(w => w.EndMs < w.StartMs))
            return "a segment that ends before it begins";
        return item.Segment.Words.Count > LinkLimits.SegmentWordsMax ? $"a segment of {item.Segment.Words.Count} words; the limit is {LinkLimits.SegmentWordsMax}" : null;
    }

    /// <inheritdoc />
    protected override JobFault? Check(TranscriptionRequest request)
    {
        if (request.File.Length is 0 or > OpenAiLimits.AudioBytesMax)
            return new JobFault("file", $"file has {request.File.Length} bytes; it has 1 to {OpenAiLimits.AudioBytesMax}.", OpenAiLimits.AudioBytesMax, (ulong)request.File.Length);
        return request.FileType.Length == 0 || LinkNames.IsName(request.FileType) ? null : new JobFault("file", "The file's type is no name.");
    }

    /// <inheritdoc />
    protected override JobShape Shape(TranscriptionRequest request)
    {
        var seconds = SoundLength.SecondsMax(request.File.Span);
        return new JobShape
        {
            Choices = 1,
            Inputs = 1,
            InputUnitsMax = seconds,
            OutputUnitsMax = 0,
            OutputMax = LinkLimits.CharsFreeMax + (seconds * LinkLimits.CharsPerSecondMax),
        };
    }
}
