namespace Flotilla.Cli.Output;

/// <summary>Text from elsewhere, made harmless for a terminal.</summary>
internal static class SafeText
{
    /// <summary>
    /// The text without control codes, save newline and tab: an answer is written by whoever runs the node, and an escape
    /// sequence in it could retitle the window, clear the screen or answer in the user's name.
    /// </summary>
    public static string ForTerminal(string text) =>
        text.Any(IsHarmful) ? string.Concat(text.Where(character => !IsHarmful(character))) : text;

    // Bidirectional overrides can make a line read as something else than it says.
    private static bool IsHarmful(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t')) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
