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

    /// <summary>\p{M}</summary>
    Mark,

    /// <summary>\p{S}</summary>
    Symbol,

    /// <summary>\p{Cc}, \p{Cf}, \p{Co} and \p{Cs}, but for white space</summary>
    Control,

    /// <summary>\p{Cn}</summary>
    Unassigned,
}

/// <summary>Code points and their classes at a place in UTF-16 text. A lone surrogate counts as U+FFFD, as which it is encoded.</summary>
internal static class CharClasses
{
    /// <summary>
    /// What Unicode has assigned since version 15.1 stays unassigned, so that a newer .NET does not cut a text otherwise than the one before,
    /// nor than llama.cpp does. Pairs of first and last; what else lies between them is unassigned in every version so far.
    /// </summary>
    private static readonly int[] s_newer =
    [
        0x897, 0x897, 0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x1C89, 0x1C8A, 0x2427, 0x2429, 0x31E4, 0x31E5, 0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC,
        0x105C0, 0x105F3, 0x10D40, 0x10D8F, 0x10EC2, 0x10EFC, 0x11380, 0x113E2, 0x116D0, 0x116E3, 0x11BC0, 0x11BF9, 0x11F5A, 0x11F5A,
        0x13460, 0x143FA, 0x16100, 0x16139, 0x16D40, 0x16D79, 0x18CFF, 0x18CFF, 0x1CC00, 0x1CEB3, 0x1E5D0, 0x1E5FF, 0x1F8B2, 0x1F8C1,
        0x1FA89, 0x1FA8F, 0x1FABE, 0x1FABE, 0x1FAC6, 0x1FAC6, 0x1FADC, 0x1FADF, 0x1FAE9, 0x1FAE9, 0x1FBCB, 0x1FBEF,
    ];

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
        var found = Array.BinarySearch(s_newer, codePoint);
        // Behind an odd number of bounds lies the inside of a pair.
        if (found >= 0 || (~found & 1) == 1)
        {
            return CharClass.Unassigned;
        }
        return CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
                or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => CharClass.Punctuation,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharClass.Mark,
            UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol
                or UnicodeCategory.OtherSymbol => CharClass.Symbol,
            UnicodeCategory.OtherNotAssigned => CharClass.Unassigned,
            _ => CharClass.Control,
        };
    }
}
