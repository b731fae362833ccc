using System.Globalization;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>
/// Reads <c>pocketsphinx_continuous -time yes</c>: an utterance's text on a line, then its words with start, end and
/// confidence, from the sentence's beginning <c>&lt;s&gt;</c> to its end <c>&lt;/s&gt;</c>.
/// </summary>
internal sealed class PocketsphinxReader : TranscriptReader
{
    private Segment? _open;

    /// <inheritdoc />
    public override Segment? Read(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 4 || !TryTime(fields[1], out var start) || !TryTime(fields[2], out var end) || !TryTime(fields[3], out _))
            return line.Length == 0 ? Take() : null;
        if (fields[0] == "</s>")
            return Take();
        // Silences and noises are in brackets.
        if (fields[0][0] is '<' or '[' or '+')
            return null;
        var word = new Word { Text = Spelling(fields[0]), StartMs = Milliseconds(start), EndMs = Milliseconds(Math.Max(start, end)) };
        _open ??= new Segment { StartMs = word.StartMs };
        _open.EndMs = Math.Max(_open.StartMs, word.EndMs);
        _open.Words.Add(word);
        return _open.Words.Count == LinkLimits.SegmentWordsMax ? Take() : null;
    }

    private Segment? Take()
    {
        var ended = _open;
        _open = null;
        if (ended is not null)
            ended.Text = string.Join(' ', ended.Words.Select(w => w.Text));
        return ended;
    }

    // The dictionary numbers the ways to say a word: to, to(2).
    private static string Spelling(string word) => word.IndexOf('(', StringComparison.Ordinal) is var bracket and > 0 ? word[..bracket] : word;

    private static bool TryTime(string text, out double seconds) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) && double.IsFinite(seconds);
}
