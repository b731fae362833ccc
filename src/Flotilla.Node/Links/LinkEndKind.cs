namespace Flotilla.Node.Links;

/// <summary>Why a link ended, told by what to do next.</summary>
internal enum LinkEndKind
{
    /// <summary>No connection came about.</summary>
    Unreachable,

    /// <summary>The connection broke or fell silent.</summary>
    Lost,

    /// <summary>The gateway closed the link, or went away after a Drain.</summary>
    Closed,

    /// <summary>The gateway sent what the protocol does not allow.</summary>
    Violation,

    /// <summary>The gateway refused, and may not do so the next time.</summary>
    RefusedForNow,

    /// <summary>The gateway refused, or is not the one we know: a person has to act.</summary>
    RefusedForGood,

    /// <summary>The node is stopping.</summary>
    Stopped,
}
