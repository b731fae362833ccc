namespace Flotilla.Engine.Templates;

/// <summary>Strings by code point, as Python counts them. A lone surrogate is a code point of its own.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var count = text.Length;
        for (var index = 0; index + 1 < text.Length; index++)
        {
            if (char.IsSurrogatePair(text[index], text[index + 1]))
            {
                count--;
                index++;
            }
        }
        return count;
    }

    /// <summary>Whether every code point is one UTF-16 unit, so that places in the text are places in the string.</summary>
    public static bool AreUnits(string text, TemplateBudget budget)
    {
        budget.SpendText(text.Length);
        return !text.AsSpan().ContainsAnyInRange('\ud800', '\udbff');
    }

    public static IEnumerable<string> Of(string text)
    {
        for (var index = 0; index < text.Length;)
        {
            var length = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
            yield return text.Substring(index, length);
            index += length;
        }
    }
}
