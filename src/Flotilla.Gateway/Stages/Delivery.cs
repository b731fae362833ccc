using Flotilla.Core;
using Flotilla.Gateway.Answers;
using Flotilla.Gateway.Nodes;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>How far one job came; filled by <see cref="Dispatch"/>, read by the settlement on every exit path.</summary>
internal sealed class Delivery
{
    /// <summary>How it ended. The first value stands until something better is known, so that a bug settles as a failure.</summary>
    public DeliveryEnd End { get; set; } = DeliveryEnd.Failed;

    /// <summary>What the client is told, unless it got all.</summary>
    public ApiError Error { get; set; } = new(ApiErrorCode.Internal, "The gateway failed while it served this request. Nothing is charged for what you did not get.");

    /// <summary>Whether a node did all that was asked and it makes no answer, which the request may have brought about: it failed, and is charged like one that did not.</summary>
    public bool IsInVain { get; set; }

    /// <summary>Whether all that was asked was done, and is charged as such.</summary>
    public bool IsDone => End == DeliveryEnd.Completed || IsInVain;

    /// <summary>The node of the last attempt.</summary>
    public NodeSession? Node { get; private set; }

    /// <summary>Attempts that were begun.</summary>
    public uint Attempts { get; private set; }

    /// <summary>What the last attempt gave the client.</summary>
    public Meter Meter { get; private set; } = new();

    /// <summary>The node's signed statement, where it gave one.</summary>
    public SignedWork? Work { get; private set; }

    /// <summary>Of the completion, what the node says was reasoning.</summary>
    public long ReasoningTokens { get; private set; }

    /// <summary>Who asks; null where nothing of the job may serve another one's.</summary>
    public NamespaceId? Asking { get; init; }

    /// <summary>Answers that were asked for, over all inputs.</summary>
    public int Choices { get; set; }

    /// <summary>The seed of the sampling: the client's, or drawn.</summary>
    public ulong Seed { get; set; }

    /// <summary>Opens the receipt's commitments; client and node alone know it.</summary>
    public byte[] Salt { get; } = new byte[LinkLimits.SaltBytes];

    /// <summary>The node gave its signed word.</summary>
    public void Sign(AttemptItem.Done done, NodeSession node)
    {
        Work = new SignedWork(done.Statement, node.PublicKey, done.Frame.Signature.Memory);
        ReasoningTokens = done.Frame.Usage?.ReasoningTokens ?? 0;
    }

    /// <summary>Nobody will get what was done: charged is what was flushed, which may be nothing.</summary>
    public void Discard() => End = End == DeliveryEnd.Completed ? DeliveryEnd.Cancelled : End;

    /// <summary>An attempt begins; what an earlier one gave was never seen and is forgotten.</summary>
    public void Begin(NodeSession node, uint attempt)
    {
        Node = node;
        Attempts = attempt;
        Meter = new Meter();
        Work = null;
        ReasoningTokens = 0;
    }
}
