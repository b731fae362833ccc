using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Jobs;

/// <summary>How many tokens the prompt of a chat has: the usage is the answer. Units are tokens; nothing is generated.</summary>
internal sealed class CountKind() : JobKindOf<CountRequest>(CountRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static CountKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Count;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.CountTokens];

    /// <inheritdoc />
    public override string Unit => Tokens;

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size) => MediaEvents.Common(item, this, out size);

    /// <inheritdoc />
    protected override JobFault? Check(CountRequest request)
    {
        if (request.Chat is not { Messages.Count: > 0 })
            return new JobFault("messages", "The request has no message.");
        return TextKind.IsAllHere(request.Chat) ? null : TextKind.Elsewhere();
    }

    /// <inheritdoc />
    protected override JobShape Shape(CountRequest request) => new()
    {
        Choices = 1,
        Inputs = 1,
        InputUnitsMax = TextKind.PromptUnitsMax(request.CalculateSize(), request.Chat),
        OutputUnitsMax = 0,
        OutputMax = LinkLimits.CharsFreeMax,
    };
}
