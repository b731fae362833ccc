using System.Globalization;

namespace Flotilla.Engine.Tokenization;

/// <summary>The classes that pre-tokenizers tell apart; a code point has exactly one, and none is 0.</summary>
internal enum CharClass : byte
{
    /// <summary>Beyond the end of the text.</summary>
    None,

    /// <summary>\p{L}</summary>
    Letter,

    /// <summary>\p{N}</summary>
    Number,

    /// <summary>\s</summary>
    Space,

    /// <summary>\p{P}</summary>
    Punctuation,

    /// <summary>Everything else, unassigned code points included.</summary>
    Other,
}

/// <summary>Code points and their classes at a place in UTF-16 text. A lone surrogate counts as U+FFFD, as which it is encoded.</summary>
internal static class CharClasses
{
    private static readonly CharClass[] s_bmp = BuildBmp();

    public static CharClass Of(int codePoint) =>
        codePoint < s_bmp.Length ? s_bmp[codePoint] : Classify(codePoint);

    /// <summary>The class at <paramref name="index"/> and the number of UTF-16 units there; None and 0 at the end.</summary>
    public static CharClass At(ReadOnlySpan<char> text, int index, out int units)
    {
        if (index >= text.Length)
        {
            units = 0;
            return CharClass.None;
        }
        var unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            units = 2;
            return Classify(char.ConvertToUtf32(unit, text[index + 1]));
        }
        units = 1;
        return s_bmp[unit];
    }

    public static CharClass At(ReadOnlySpan<char> text, int index) => At(text, index, out _);

    private static CharClass[] BuildBmp()
    {
        var classes = new CharClass[0x10000];
        for (var codePoint = 0; codePoint < classes.Length; codePoint++)
        {
            classes[codePoint] = char.IsSurrogate((char)codePoint) ? Classify(0xFFFD) : Classify(codePoint);
        }
        return classes;
    }

    private static CharClass Classify(int codePoint)
    {
        // White space first: it holds five control characters and U+0085.
        if (codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint))
        {
            return CharClass.Space;
        }
        return CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
                or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => CharClass.Punctuation,
            _ => CharClass.Other,
        };
    }
}
