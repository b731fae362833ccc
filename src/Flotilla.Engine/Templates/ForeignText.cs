using System.Diagnostics.CodeAnalysis;

namespace Flotilla.Engine.Templates;

/// <summary>
/// The text of a conversation inside a rendering, told apart from what the template itself writes: a control token is made of the
/// template's characters alone, however a template cuts and joins the texts it is given.
/// </summary>
/// <remarks>
/// Each character of a conversation is exchanged for another that stands for it and takes as much room: a low surrogate without a
/// high one before it, of which no valid text holds any (in what comes from outside they become U+FFFD, as the tokenizer would have
/// it). There are 1,024, enough for Latin and for the block and full-width characters that control tokens are written with; other
/// characters stay as they are, and alone make no control token of any known vocabulary. Whoever looks at characters looks at the
/// <see cref="Plain(string)"/> text, and cuts the marked one at the same places.
/// </remarks>
internal static class ForeignText
{
    private const char MarkFirst = '\udc00';
    private const int LatinCount = 0x380;
    private const char BlockFirst = '\u2580';
    private const int BlockCount = 0x20;
    private const char WideFirst = '\uff01';
    private const int WideCount = 94;

    /// <summary>Equality of keys, whoever wrote them.</summary>
    public static IEqualityComparer<string> Comparer { get; } = new PlainComparer();

    /// <summary>A text from a conversation, marked.</summary>
    public static string Mark(string text) => string.Create(text.Length, text, static (units, text) =>
    {
        for (var at = 0; at < units.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                units[at] = MarkOf(text[at]);
            }
            else if (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]))
            {
                units[at] = text[at];
                units[++at] = text[at];
            }
            else
            {
                units[at] = '\ufffd';
            }
        }
    });

    /// <summary>The text as it reads, of the same length.</summary>
    public static string Plain(string text) => !MayHoldMarks(text) ? text : string.Create(text.Length, text, static (units, text) =>
    {
        for (var at = 0; at < units.Length; at++)
        {
            units[at] = IsMark(text, at) ? MeantBy(text[at]) : text[at];
        }
    });

    /// <summary>Whether the character at a place comes from a conversation.</summary>
    public static bool IsMark(string text, int at) => char.IsLowSurrogate(text[at]) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));

    /// <summary>Which characters come from a conversation.</summary>
    public static bool[] Places(string text)
    {
        var places = new bool[text.Length];
        for (var at = 0; at < places.Length; at++)
        {
            places[at] = IsMark(text, at);
        }
        return places;
    }

    /// <summary>What stands for the character at a place: marked, if that is.</summary>
    public static string InsteadOf(string text, int at, string replacement) => IsMark(text, at) ? Mark(replacement) : replacement;

    /// <summary>Changes a text by a rule that leaves its length, and every character's origin.</summary>
    public static string Change(string text, Func<string, string> change)
    {
        if (!MayHoldMarks(text))
        {
            return change(text);
        }
        return string.Create(text.Length, (Text: text, Changed: change(Plain(text))), static (units, texts) =>
        {
            for (var at = 0; at < units.Length; at++)
            {
                units[at] = IsMark(texts.Text, at) ? MarkOf(texts.Changed[at]) : texts.Changed[at];
            }
        });
    }

    /// <summary>Whether two texts read the same.</summary>
    public static bool AreEqual(string left, string right) =>
        left == right || (left.Length == right.Length && (MayHoldMarks(left) || MayHoldMarks(right)) && Plain(left) == Plain(right));

    private static bool MayHoldMarks(string text) => text.AsSpan().ContainsAnyInRange('\udc00', '\udfff');

    private static char MarkOf(char unit) => unit switch
    {
        < (char)LatinCount => (char)(MarkFirst + unit),
        >= BlockFirst and < (char)(BlockFirst + BlockCount) => (char)(MarkFirst + LatinCount + (unit - BlockFirst)),
        >= WideFirst and < (char)(WideFirst + WideCount) => (char)(MarkFirst + LatinCount + BlockCount + (unit - WideFirst)),
        _ => unit,
    };

    private static char MeantBy(char mark) => (mark - MarkFirst) switch
    {
        var latin and < LatinCount => (char)latin,
        var block and < LatinCount + BlockCount => (char)(BlockFirst + block - LatinCount),
        var wide and < LatinCount + BlockCount + WideCount => (char)(WideFirst + wide - LatinCount - BlockCount),
        _ => mark,
    };

    private sealed class PlainComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x is null || y is null ? x == y : AreEqual(x, y);

        public int GetHashCode([DisallowNull] string obj) => StringComparer.Ordinal.GetHashCode(Plain(obj));
    }
}
