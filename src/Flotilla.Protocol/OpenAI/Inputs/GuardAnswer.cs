using System.Collections.Frozen;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Reads Llama Guard's answer: <c>safe</c>, or <c>unsafe</c> and the violated categories on the next line.</summary>
public static class GuardAnswer
{
    /// <summary>Llama Guard's categories and those of OpenAI's that they are; some have none.</summary>
    public static FrozenDictionary<string, IReadOnlyList<string>> Categories { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["S1"] = ["violence", "illicit", "illicit/violent"],
        ["S2"] = ["illicit"],
        ["S3"] = ["sexual", "illicit", "illicit/violent"],
        ["S4"] = ["sexual", "sexual/minors"],
        ["S5"] = ["harassment"],
        ["S6"] = [],
        ["S7"] = [],
        ["S8"] = [],
        ["S9"] = ["violence", "illicit", "illicit/violent"],
        ["S10"] = ["hate"],
        ["S11"] = ["self-harm"],
        ["S12"] = ["sexual"],
        ["S13"] = [],
        ["S14"] = ["illicit"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The verdict, or null where the answer is none. Whoever is unsafe is flagged, also where no category of OpenAI's says why.</summary>
    public static Verdict? Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return null;
        var unsafely = lines[0].Equals("unsafe", StringComparison.OrdinalIgnoreCase);
        if (!unsafely && !lines[0].Equals("safe", StringComparison.OrdinalIgnoreCase))
            return null;
        var verdict = new Verdict { Flagged = unsafely };
        if (unsafely && lines.Length > 1)
        {
            foreach (var code in lines[1].Split(',', StringSplitOptions.TrimEntries))
                verdict.Categories |= Bits(code);
        }

        // A guard says yes or no, and not how sure it is.
        for (var i = 0; i < ModerationCategories.Count; i++)
            verdict.Scores.Add(verdict.Categories >> i & 1);
        return verdict;
    }

    private static uint Bits(string code) =>
        Categories.GetValueOrDefault(code, []).Aggregate(0u, (bits, name) => bits | ModerationCategories.Bit(name));
}
