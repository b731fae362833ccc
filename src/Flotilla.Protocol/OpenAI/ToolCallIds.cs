using Flotilla.Core;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>How a tool call is named to the client.</summary>
internal static class ToolCallIds
{
    /// <summary>The runtime's own id, or a new one.</summary>
    public static string Of(ToolCallDelta first, IIdSource ids, string prefix = "call_") => first.Id.Length > 0 ? first.Id : ids.Next(prefix);
}
