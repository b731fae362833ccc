using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Ensembles;

/// <summary>What a part said, as text.</summary>
internal static class PartText
{
    /// <summary>The text and the tool calls, as another model may read them.</summary>
    public static string Of(IReadOnlyList<Event> events)
    {
        var text = new StringBuilder();
        uint? call = null;
        foreach (var item in events)
        {
            switch (item.BodyCase)
            {
                case Event.BodyOneofCase.Text:
                    text.Append(item.Text.Text_);
                    break;
                case Event.BodyOneofCase.ToolCall:
                    if (call != item.ToolCall.Index)
                        text.Append("\n[").Append(item.ToolCall.Name).Append("] ");
                    call = item.ToolCall.Index;
                    text.Append(item.ToolCall.Arguments);
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>The same for all that says the same but for white space and case.</summary>
    public static string ForComparison(IReadOnlyList<Event> events) =>
        string.Join(' ', Of(events).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}
