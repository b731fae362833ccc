using System.Text;
using Flotilla.Engine.Gguf;

namespace Flotilla.Engine.Templates;

/// <summary>How query and document are put together to be judged: a text with <c>{query}</c> and <c>{document}</c> in it. Immutable.</summary>
internal sealed class RankTemplate
{
    private const string Query = "{query}";
    private const string Document = "{document}";

    private readonly string _text;

    /// <param name="key">The metadata key that has it.</param>
    /// <param name="text">As in the file.</param>
    /// <exception cref="GgufException">It is too long, leaves one of the two out, which would judge all alike, or repeats one too often.</exception>
    public RankTemplate(string key, string text)
    {
        if (text.Length > TextLimits.TemplateCharsMax)
            throw new GgufException(GgufError.BadParameter, $"{key} has {text.Length} characters; at most {TextLimits.TemplateCharsMax} are allowed.");
        foreach (var name in (string[])[Query, Document])
        {
            if (text.AsSpan().Count(name) is var count and (0 or > TextLimits.RankPlacesMax))
                throw new GgufException(GgufError.BadParameter, $"{key} holds {name} {count} times; 1 to {TextLimits.RankPlacesMax} times are allowed.");
        }

        _text = text;
    }

    /// <summary>The whole text, and of each character whether query or document say it.</summary>
    public (string Text, bool[] Foreign) Fill(string query, string document)
    {
        var (text, foreign) = (new StringBuilder(), new List<bool>());
        for (var rest = _text.AsSpan(); !rest.IsEmpty;)
        {
            var (atQuery, atDocument) = (rest.IndexOf(Query, StringComparison.Ordinal), rest.IndexOf(Document, StringComparison.Ordinal));
            var isQuery = atQuery >= 0 && (atDocument < 0 || atQuery < atDocument);
            var at = isQuery ? atQuery : atDocument < 0 ? rest.Length : atDocument;
            Append(rest[..at], isForeign: false);
            if (at == rest.Length)
                break;
            Append(isQuery ? query : document, isForeign: true);
            rest = rest[(at + (isQuery ? Query : Document).Length)..];
        }

        return (text.ToString(), [.. foreign]);

        void Append(ReadOnlySpan<char> part, bool isForeign)
        {
            text.Append(part);
            foreign.AddRange(Enumerable.Repeat(isForeign, part.Length));
        }
    }
}
