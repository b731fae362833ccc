using System.Net.WebSockets;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Nodes;

/// <summary>Why a session ends, in the words of each side that must hear it.</summary>
/// <param name="Lost">What its attempts are told.</param>
/// <param name="Refusal">What the node is told in a last frame; null for none, so that it simply dials again.</param>
/// <param name="Status">What the WebSocket's close frame says.</param>
/// <param name="Message">For people on both sides.</param>
internal sealed record SessionEnd(LostReason Lost, Refused.Types.Reason? Refusal, WebSocketCloseStatus Status, string Message)
{
    /// <summary>The node broke the protocol.</summary>
    public static SessionEnd Violation(string message, WebSocketCloseStatus status = WebSocketCloseStatus.ProtocolError) =>
        new(LostReason.ProtocolViolation, Refused.Types.Reason.Protocol, status, message);

    /// <summary>The connection ended by itself.</summary>
    public static SessionEnd Gone { get; } = new(LostReason.LinkClosed, null, WebSocketCloseStatus.NormalClosure, "the connection closed");

    /// <summary>A later session of the same node took over.</summary>
    public static SessionEnd Fenced { get; } = new(
        LostReason.Fenced, Refused.Types.Reason.Fenced, WebSocketCloseStatus.PolicyViolation,
        "a later session with this node's key took over; if that was not you, revoke the node and make a new key");

    /// <summary>The node was shut out.</summary>
    public static SessionEnd Revoked { get; } = new(
        LostReason.Revoked, Refused.Types.Reason.Revoked, WebSocketCloseStatus.PolicyViolation, "this node was revoked");

    /// <summary>The gateway stops.</summary>
    public static SessionEnd Stopping { get; } = new(
        LostReason.GatewayStopping, null, WebSocketCloseStatus.EndpointUnavailable, "the gateway stops");

    /// <summary>The node said nothing for too long.</summary>
    public static SessionEnd Silent { get; } = new(
        LostReason.Silence, null, WebSocketCloseStatus.EndpointUnavailable,
        $"no frame came for {LinkLimits.SilenceMax.TotalSeconds} s; a Status is due every {LinkLimits.Heartbeat.TotalSeconds} s");

    /// <summary>The node lets frames pile up.</summary>
    public static SessionEnd NotReading(string message) => new(LostReason.NotReading, null, WebSocketCloseStatus.EndpointUnavailable, message);
}
