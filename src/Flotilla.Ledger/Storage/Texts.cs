using System.Runtime.CompilerServices;

namespace Flotilla.Ledger;

/// <summary>Bounds on what is written: the caller's own mistakes, found before they reach the writer.</summary>
internal static class Texts
{
    /// <exception cref="ArgumentException">Longer than allowed.</exception>
    public static void Check(string? text, int charsMax, [CallerArgumentExpression(nameof(text))] string name = "")
    {
        if (text?.Length > charsMax)
            throw new ArgumentException($"{name} has {text.Length} characters; at most {charsMax} are stored.", name);
    }

    /// <summary>The text, or as much of it as is stored.</summary>
    public static string? Cut(string? text, int charsMax) => text?.Length > charsMax ? text[..charsMax] : text;

    /// <summary>A name that people give and read in lists.</summary>
    /// <exception cref="ArgumentException">Empty, too long, or with control characters.</exception>
    public static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Check(name, LedgerLimits.NameCharsMax);
        if (name.Any(char.IsControl))
            throw new ArgumentException("A name has no control characters.", nameof(name));
    }
}
