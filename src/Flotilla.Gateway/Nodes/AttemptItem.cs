using Flotilla.Protocol.Receipts;
using Link = Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>What a node said about an attempt, checked. Closed: after <see cref="Done"/>, <see cref="Failed"/>, <see cref="Rejected"/> or <see cref="Lost"/> nothing follows.</summary>
internal abstract record AttemptItem
{
    private AttemptItem()
    {
    }

    /// <summary>Whether this is the attempt's last item.</summary>
    public virtual bool IsLast => true;

    /// <summary>The node took the job.</summary>
    public sealed record Accepted : AttemptItem
    {
        private Accepted()
        {
        }

        /// <summary>The one instance.</summary>
        public static Accepted Instance { get; } = new();

        /// <inheritdoc />
        public override bool IsLast => false;
    }

    /// <summary>Output. Every event is within the request's bounds: choice, token counts, order.</summary>
    /// <param name="Frame">The events, in order.</param>
    /// <param name="Bytes">What they hold of the credit window; to be given to <see cref="JobAttempt.Flushed"/> when the client has them.</param>
    public sealed record Events(Link.JobEvents Frame, int Bytes) : AttemptItem
    {
        /// <inheritdoc />
        public override bool IsLast => false;
    }

    /// <summary>The node finished, or stopped when asked to; its counts agree with the events and its signature is right.</summary>
    /// <param name="Frame">The node's word; <c>Signature</c> is over the statement.</param>
    /// <param name="Statement">What the node signed.</param>
    public sealed record Done(Link.Done Frame, WorkStatement Statement) : AttemptItem;

    /// <summary>The node could not finish.</summary>
    /// <param name="Frame">Its texts are bounded and hold no control characters.</param>
    public sealed record Failed(Link.Failed Frame) : AttemptItem;

    /// <summary>The node did nothing; another can be asked at once.</summary>
    /// <param name="Frame">Its text is bounded and holds no control characters.</param>
    public sealed record Rejected(Link.Rejected Frame) : AttemptItem;

    /// <summary>The node is gone, or its word is worth nothing.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Message">For logs; names the limit and the value.</param>
    public sealed record Lost(LostReason Reason, string Message) : AttemptItem;
}
