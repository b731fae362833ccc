using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Text that is spoken. An input unit is a character of the text; the sound costs nothing beside.</summary>
internal sealed class SpeechKind() : JobKindOf<SpeechRequest>(SpeechRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static SpeechKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Speech;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Speech];

    /// <inheritdoc />
    public override string Unit => "characters";

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <summary>The characters of a text as a person counts code points: what is paid for.</summary>
    public static uint Characters(string text) => (uint)text.EnumerateRunes().Count();

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size) => MediaEvents.Body(item, this, out size);

    /// <inheritdoc />
    protected override JobFault? Check(SpeechRequest request)
    {
        if (request.Input.Length is 0 or > OpenAiLimits.SpeechCharsMax)
            return new JobFault("input", $"input has {request.Input.Length} characters; it has 1 to {OpenAiLimits.SpeechCharsMax}.", OpenAiLimits.SpeechCharsMax, (ulong)request.Input.Length);
        return request.Speed is >= OpenAiLimits.SpeedMin and <= OpenAiLimits.SpeedMax
            ? null
            : new JobFault("speed", $"speed is {request.Speed}; it is {OpenAiLimits.SpeedMin} to {OpenAiLimits.SpeedMax}.");
    }

    /// <inheritdoc />
    protected override JobShape Shape(SpeechRequest request)
    {
        var characters = Characters(request.Input);
        return new JobShape
        {
            Choices = 1,
            Inputs = 1,
            InputUnitsMax = characters,
            OutputUnitsMax = 0,
            OutputMax = LinkLimits.MediaBytesFree + (characters * LinkLimits.SpeechBytesPerCharacterMax),
        };
    }
}
