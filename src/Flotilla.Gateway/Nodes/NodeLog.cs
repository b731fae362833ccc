using Flotilla.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Nodes;

/// <summary>The node link's log. Nothing here holds a prompt, an answer or a token; texts that a node gave are cleaned before.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(2001, LogLevel.Information, "Node {Node} ({Name}) of {Operator} connected from {Address}: session {Epoch}, {Software}")]
    public static partial void Connected(ILogger log, NodeId node, string name, AccountId @operator, string address, ulong epoch, string software);

    [LoggerMessage(2002, LogLevel.Information, "Node {Node}: session {Epoch} ended ({Reason}): {Message}. {Lost} attempts are lost")]
    public static partial void Ended(ILogger log, NodeId node, ulong epoch, LostReason reason, string message, int lost);

    [LoggerMessage(2003, LogLevel.Warning, "A node at {Address} was refused ({Reason}): {Message}")]
    public static partial void Refused(ILogger log, string address, string reason, string message);

    [LoggerMessage(2004, LogLevel.Warning, "Node {Node} dialled again from {Address} while its session {Epoch} was open; that session is fenced. Two machines with one key? Revoke the node")]
    public static partial void Fenced(ILogger log, NodeId node, string address, ulong epoch);

    [LoggerMessage(2005, LogLevel.Information, "Node {Node} serves {Model}")]
    public static partial void Admitted(ILogger log, NodeId node, string model);

    [LoggerMessage(2006, LogLevel.Warning, "Node {Node} is not admitted with {Model}: {Reason}")]
    public static partial void NotAdmitted(ILogger log, NodeId node, string model, string reason);
}
