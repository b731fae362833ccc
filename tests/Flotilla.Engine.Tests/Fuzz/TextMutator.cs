namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>Makes hostile texts of a language: from its words at random, or by cutting, repeating and joining good texts.</summary>
/// <param name="words">What the language is made of.</param>
/// <param name="texts">Good texts.</param>
internal sealed class TextMutator(IReadOnlyList<string> words, IReadOnlyList<string> texts)
{
    private const int CharsMax = 60_000;

    /// <summary>One text.</summary>
    public string Make(Random random)
    {
        var text = random.Next(3) == 0 ? Words(random, 1 + random.Next(40)) : texts[random.Next(texts.Count)];
        for (var changes = random.Next(5); changes > 0; changes--)
            text = Change(random, text);
        return text.Length > CharsMax ? text[..CharsMax] : text;
    }

    private string Change(Random random, string text)
    {
        var (from, to) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
        (from, to) = (Math.Min(from, to), Math.Max(from, to));
        switch (random.Next(8))
        {
            case 0:
                return text[..from] + text[to..];
            case 1:
                return text[..from] + Words(random, 1 + random.Next(3)) + text[from..];
            case 2:
                return text[..from] + texts[random.Next(texts.Count)] + text[from..];
            case 3:
                return text[..from] + (char)random.Next(random.Next(2) == 0 ? 128 : 65_536) + text[from..];
            case 4:
                // A word, or a piece of the text, very often.
                var piece = random.Next(2) == 0 ? words[random.Next(words.Count)] : text[from..Math.Min(to, from + 20)];
                return text[..from] + string.Concat(Enumerable.Repeat(piece, 1 + random.Next(4000))) + text[from..];
            case 5:
                return text[..to] + text[from..];
            default:
                return text[..from] + words[random.Next(words.Count)] + text[Math.Min(text.Length, from + random.Next(4))..];
        }
    }

    private string Words(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => words[random.Next(words.Count)]));
}
