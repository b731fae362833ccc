using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Each document's relevance to a query. Input units are tokens, those of the query once for each document; output is free.</summary>
internal sealed class RerankKind() : JobKindOf<RerankRequest>(RerankRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static RerankKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Rerank;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Rerank];

    /// <inheritdoc />
    public override string Unit => Tokens;

    /// <inheritdoc />
    public override bool IsOutputPaid => false;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.Score;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size)
    {
        size = sizeof(float);
        if (item.BodyCase != Event.BodyOneofCase.Score)
            return Foreign(item);
        return float.IsFinite(item.Score.Relevance) ? null : "a score that is not finite";
    }

    /// <inheritdoc />
    protected override JobFault? Check(RerankRequest request)
    {
        if (request.Query.Length is 0 or > OpenAiLimits.QueryCharsMax)
            return new JobFault("query", $"The query has {request.Query.Length} characters; 1 to {OpenAiLimits.QueryCharsMax} are possible.", OpenAiLimits.QueryCharsMax, (ulong)request.Query.Length);
        return request.Documents.Count is 0 or > OpenAiLimits.DocumentsMax
            ? new JobFault("documents", $"The request has {request.Documents.Count} documents; 1 to {OpenAiLimits.DocumentsMax} are possible.", OpenAiLimits.DocumentsMax, (ulong)request.Documents.Count)
            : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(RerankRequest request) => new()
    {
        Choices = request.Documents.Count,
        Inputs = request.Documents.Count,
        InputUnitsMax = PromptSize.Of(request),
        OutputUnitsMax = 0,
        OutputMax = (long)request.Documents.Count * sizeof(float),
    };
}
