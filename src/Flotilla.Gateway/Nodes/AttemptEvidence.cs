using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Gateway.Nodes;

/// <summary>What the gateway itself knows of an attempt: with it, the statement is built that the node must have signed.</summary>
internal sealed class AttemptEvidence(JobSpec spec, NodePeer node, ModelOffer offer) : IDisposable
{
    private readonly OutputDigest _output = new();

    /// <summary>Takes in output, in order.</summary>
    public void Append(JobEvents events)
    {
        foreach (var item in events.Events)
            _output.Append(item);
    }

    /// <summary>The statement with the node's own counts, or null when its signature is over another.</summary>
    public WorkStatement? Verify(Done done)
    {
        var statement = new WorkStatement
        {
            JobId = spec.Job.Value,
            Attempt = spec.Attempt,
            NodeId = node.Id.Value,
            Model = spec.Model,
            ModelDigest = offer.ModelDigest,
            NumericsId = offer.NumericsId,
            InputCommit = Commitments.Of(spec.Salt, spec.Request),
            OutputCommit = Convert.ToHexStringLower(_output.Commit(spec.Salt)),
            Seed = spec.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            TraceRoot = Convert.ToHexStringLower(done.TraceRoot.Span),
            PromptTokens = done.Usage.PromptTokens,
            CachedTokens = done.Usage.CachedTokens,
            CompletionTokens = done.Usage.CompletionTokens,
            FinishedUnixMs = (long)done.FinishedUnixMs,
            Cancelled = done.Cancelled,
        };
        return statement.Verify(node.PublicKey, done.Signature.Span) ? statement : null;
    }

    /// <inheritdoc />
    public void Dispose() => _output.Dispose();
}
