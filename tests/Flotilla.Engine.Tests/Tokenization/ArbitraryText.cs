using FsCheck;
using FsCheck.Fluent;

namespace Flotilla.Engine.Tests.Tokenization;

/// <summary>Strings as nasty as users' ones: scripts, controls, lone surrogates, special tokens, runs.</summary>
internal static class ArbitraryText
{
    private static readonly string[] s_parts =
    [
        " ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "'", "a", "Hello", " world", "12345", "٣", "Ⅷ", "é", "e\u0301", "日本語", "😀", "👩‍👩‍👧",
        "\ud83d", "\ude00", "\ufffd", "\ufeff", "\0", "\u0085", "\u00a0", "\u2028", "\u3000", "<|im_end|>", "<tool_call>", "<|im_", "!!", "==", "▁",
        "\U0010ffff", "\ue000", "𝔘", "한국어", "ไทย", "עברית",
    ];

    /// <summary>Up to 60 parts, some of them any UTF-16 unit.</summary>
    public static Gen<string> Gen { get; } =
        from count in FsCheck.Fluent.Gen.Choose(0, 60)
        from parts in FsCheck.Fluent.Gen.ArrayOf(
            FsCheck.Fluent.Gen.Frequency(
                (4, FsCheck.Fluent.Gen.Elements(s_parts)),
                (1, FsCheck.Fluent.Gen.Choose(0, 0xFFFF).Select(unit => ((char)unit).ToString()))),
            count)
        select string.Concat(parts);

    public static Arbitrary<string> Arbitrary { get; } = Gen.ToArbitrary();
}
