using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>A request to rank documents.</summary>
public sealed record RerankInference : InputInference
{
    /// <summary>What a node gets.</summary>
    public required RerankRequest Work { get; init; }

    /// <summary>Results that the client wants, from 1 to the number of documents.</summary>
    public required int Top { get; init; }

    /// <summary>Whether each result repeats its document.</summary>
    public bool ReturnDocuments { get; init; }

    /// <inheritdoc />
    public override JobKind Kind => JobKind.Rerank;

    /// <inheritdoc />
    public override IMessage Message => Work;

    /// <inheritdoc />
    public override string Capability => Link.Capability.Rerank;

    /// <inheritdoc />
    protected override int InputCount => Work.Documents.Count;

    /// <inheritdoc />
    protected override long InputTokensMax => PromptSize.Of(Work);
}
