using Flotilla.Protocol.Link;

namespace Flotilla.Node.Work;

/// <summary>Cuts an event whose text is too long for one frame.</summary>
internal static class EventSplitter
{
    /// <summary>Whether the event's text has more characters than one event may.</summary>
    public static bool IsTooLong(Event item, int charsMax) => TextOf(item).Length > charsMax;

    /// <summary>The event's pieces in order; the first accounts for the tokens.</summary>
    public static IEnumerable<Event> Split(Event item, int charsMax)
    {
        var text = TextOf(item);
        var at = 0;
        foreach (var end in Cuts(text, charsMax))
        {
            var piece = new Event { Choice = item.Choice };
            if (at == 0)
            {
                piece.TokenCount = item.TokenCount;
                piece.Tokens.Add(item.Tokens);
            }

            SetText(piece, item, text[at..end], first: at == 0);
            yield return piece;
            at = end;
        }
    }

    private static IEnumerable<int> Cuts(string text, int charsMax)
    {
        for (var at = 0; at < text.Length;)
        {
            at = Math.Min(at + charsMax, text.Length);
            // Half a character is not text.
            if (at < text.Length && char.IsHighSurrogate(text[at - 1]))
                at--;
            yield return at;
        }
    }

    private static string TextOf(Event item) => item.BodyCase switch
    {
        Event.BodyOneofCase.Text => item.Text.Text_,
        Event.BodyOneofCase.Reasoning => item.Reasoning.Text_,
        Event.BodyOneofCase.ToolCall => item.ToolCall.Arguments,
        _ => "",
    };

    private static void SetText(Event piece, Event item, string text, bool first)
    {
        if (item.BodyCase == Event.BodyOneofCase.Text)
            piece.Text = new Text { Text_ = text };
        else if (item.BodyCase == Event.BodyOneofCase.Reasoning)
            piece.Reasoning = new Text { Text_ = text };
        else
            piece.ToolCall = new ToolCallDelta { Index = item.ToolCall.Index, Id = first ? item.ToolCall.Id : "", Name = first ? item.ToolCall.Name : "", Arguments = text };
    }
}
