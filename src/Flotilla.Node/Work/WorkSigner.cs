using System.Globalization;
using Flotilla.Core;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Receipts;
using Google.Protobuf;

namespace Flotilla.Node.Work;

/// <summary>Makes the last frame of a job that was done: what was used, signed.</summary>
internal static class WorkSigner
{
    /// <summary>Fills in and signs a Done.</summary>
    /// <param name="key">The node's key.</param>
    /// <param name="node">Its id.</param>
    /// <param name="job">The job; only its envelope counts here.</param>
    /// <param name="model">The model as it was offered.</param>
    /// <param name="request">The whole request's bytes, as they came.</param>
    /// <param name="outputCommit">The commitment to what was emitted.</param>
    /// <param name="done">Everything but the signature.</param>
    public static Done Sign(SigningKey key, NodeId node, Job job, Model model, ReadOnlySpan<byte> request, ReadOnlySpan<byte> outputCommit, Done done)
    {
        var statement = new WorkStatement
        {
            JobId = job.JobId,
            Attempt = job.Attempt,
            NodeId = node.Value,
            Model = model.Name,
            ModelDigest = model.ModelDigest,
            NumericsId = model.NumericsId,
            InputCommit = Commitments.Of(job.Salt.Span, request),
            OutputCommit = Convert.ToHexStringLower(outputCommit),
            Seed = job.Seed.ToString(CultureInfo.InvariantCulture),
            TraceRoot = Convert.ToHexStringLower(done.TraceRoot.Span),
            PromptTokens = done.Usage.PromptTokens,
            CachedTokens = done.Usage.CachedTokens,
            CompletionTokens = done.Usage.CompletionTokens,
            FinishedUnixMs = (long)done.FinishedUnixMs,
            Cancelled = done.Cancelled,
        };
        done.Signature = ByteString.CopyFrom(key.Sign(statement.SignedBytes()));
        return done;
    }
}
