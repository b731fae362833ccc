using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Categories of harm that texts, or one text with images, belong to. Input units are tokens; output is free.</summary>
internal sealed class ModerateKind() : JobKindOf<ModerateRequest>(ModerateRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static ModerateKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Moderate;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Moderation];

    /// <inheritdoc />
    public override string Unit => Tokens;

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.Verdict;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        size = ModerationCategories.Count * sizeof(float);
        if (item.BodyCase != Event.BodyOneofCase.Verdict)
            return Foreign(item);
        var verdict = item.Verdict;
        if (verdict.Categories >> ModerationCategories.Count != 0)
            return $"a verdict with a category beyond the {ModerationCategories.Count} there are";
        if (verdict.Categories != 0 && !verdict.Flagged)
            return "a verdict with categories that is not flagged";
        return verdict.Scores.Count == ModerationCategories.Count && verdict.Scores.All(s => s is >= 0 and <= 1)
            ? null
            : $"a verdict of {verdict.Scores.Count} scores; {ModerationCategories.Count} from 0 to 1 are due";
    }

    /// <inheritdoc />
    protected override JobFault? Check(ModerateRequest request)
    {
        if (request.Inputs.Count is 0 or > OpenAiLimits.InputsMax)
            return new JobFault("input", $"The request has {request.Inputs.Count} inputs; 1 to {OpenAiLimits.InputsMax} are possible.", OpenAiLimits.InputsMax, (ulong)request.Inputs.Count);
        if (request.Images.Count > 0 && (request.Inputs.Count > 1 || request.Images.Count > OpenAiLimits.MediaPartsMax || !request.Images.All(TextKind.IsHere)))
            return new JobFault("input", $"The request has {request.Images.Count} images with {request.Inputs.Count} inputs; at most {OpenAiLimits.MediaPartsMax} 'data:' URLs with one input are possible.", OpenAiLimits.MediaPartsMax, (ulong)request.Images.Count);
        return request.Images.Count == 0 && request.Inputs.Any(i => i.Length == 0) ? new JobFault("input", "The request has an empty input.") : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(ModerateRequest request) => new()
    {
        Choices = request.Inputs.Count,
        Inputs = request.Inputs.Count,
        InputUnitsMax = PromptSize.Of(request),
        OutputUnitsMax = 0,
        OutputMax = (long)request.Inputs.Count * ModerationCategories.Count * sizeof(float),
    };
}
