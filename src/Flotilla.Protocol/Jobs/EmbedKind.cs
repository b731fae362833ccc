using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Vectors from texts or token ids. Input units are tokens; output is free.</summary>
internal sealed class EmbedKind() : JobKindOf<EmbedRequest>(EmbedRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static EmbedKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Embed;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Embeddings];

    /// <inheritdoc />
    public override string Unit => Tokens;

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.Vector;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        size = 0;
        if (item.BodyCase != Event.BodyOneofCase.Vector)
            return Foreign(item);
        var values = item.Vector.Values;
        size = values.Length;
        var count = size / sizeof(float);
        if (size % sizeof(float) != 0 || count is 0 or > OpenAiLimits.DimensionsMax)
            return $"a vector of {size} bytes; it has 4 for each of 1 to {OpenAiLimits.DimensionsMax} values";
        if (shape.Dimensions > 0 && count != shape.Dimensions)
            return $"a vector of {count} values where {shape.Dimensions} are due";
        return Float32.AreFinite(values.Span) ? null : "a vector with a value that is not finite";
    }

    /// <inheritdoc />
    /// <remarks>Vectors of different lengths cannot be compared: the first says how long the others are.</remarks>
    internal override JobShape After(Event item, JobShape shape) =>
        shape.Dimensions > 0 ? shape : shape with { Dimensions = item.Vector.Values.Length / sizeof(float) };

    /// <inheritdoc />
    protected override JobFault? Check(EmbedRequest request)
    {
        if (request.Inputs.Count is 0 or > OpenAiLimits.InputsMax)
            return new JobFault("input", $"The request has {request.Inputs.Count} inputs; 1 to {OpenAiLimits.InputsMax} are possible.", OpenAiLimits.InputsMax, (ulong)request.Inputs.Count);
        if (request.Inputs.Any(IsEmpty))
            return new JobFault("input", "The request has an empty input.");
        return request.HasDimensions && request.Dimensions is 0 or > OpenAiLimits.DimensionsMax
            ? new JobFault("dimensions", $"The request asks for {request.Dimensions} dimensions; 1 to {OpenAiLimits.DimensionsMax} are possible.", OpenAiLimits.DimensionsMax, request.Dimensions)
            : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(EmbedRequest request) => new()
    {
        Choices = request.Inputs.Count,
        Inputs = request.Inputs.Count,
        InputUnitsMax = PromptSize.Of(request),
        OutputUnitsMax = 0,
        OutputMax = OpenAiLimits.VectorBytesMax,
        Dimensions = (int)request.Dimensions,
    };

    private static bool IsEmpty(Prompt input) => input.InputCase switch
    {
        Prompt.InputOneofCase.Text => input.Text.Length == 0,
        Prompt.InputOneofCase.TokenIds => input.TokenIds.Ids.Count == 0,
        _ => true,
    };
}
