using System.Globalization;
using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads what an OpenAI-compatible server heard: OpenAI's <c>verbose_json</c> and <c>json</c>, and what resembles them.</summary>
public static class TranscriptAnswerReader
{
    /// <summary>Words of a piece of a segment that has more than one event holds.</summary>
    private const int WordsPerPiece = 64;

    /// <summary>The segments in order, each fit for one event of the link, and how long the sound is.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="segmentCharsMax">Characters of one segment; what is longer comes in pieces.</param>
    /// <returns>The segments, and the sound's seconds: as told, or at least to the end of what was said.</returns>
    /// <exception cref="InvalidDataException">The answer is none.</exception>
    public static (IReadOnlyList<Segment> Segments, double Seconds) Read(ReadOnlyMemory<byte> body, int segmentCharsMax)
    {
        using var document = UpstreamJson.Document(body);
        var root = document.RootElement;
        var whole = UpstreamJson.Member(root, "text");
        var segments = SegmentsOf(root);
        var seconds = SecondsOf(root) ?? (segments.Count > 0 ? segments.Max(s => s.EndMs) / 1000d : 0);
        if (segments.Count == 0)
            segments.Add(new Segment { EndMs = Milliseconds(seconds), Text = whole.ValueKind == JsonValueKind.String ? whole.GetString() : throw new InvalidDataException("'text' is no text") });
        AddWords(root, segments);
        return ([.. segments.Where(s => s.Text.Length > 0 || s.Words.Count > 0).SelectMany(s => Pieces(s, segmentCharsMax))], seconds);
    }

    private static List<Segment> SegmentsOf(JsonElement root)
    {
        var segments = new List<Segment>();
        uint end = 0;
        foreach (var item in UpstreamJson.Items(root, "segments"))
        {
            var start = Time(item, "start") ?? end;
            end = Math.Max(start, Time(item, "end") ?? start);
            var segment = new Segment { StartMs = start, EndMs = end, Text = UpstreamJson.Text(item, "text") ?? "" };
            segment.Words.AddRange(WordsOf(item, start));
            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>OpenAI lists the words beside the segments, others within them.</summary>
    private static void AddWords(JsonElement root, List<Segment> segments)
    {
        var at = 0;
        foreach (var word in WordsOf(root, 0))
        {
            while (at + 1 < segments.Count && word.StartMs >= segments[at + 1].StartMs)
                at++;
            segments[at].Words.Add(word);
        }
    }

    private static IEnumerable<Word> WordsOf(JsonElement value, uint end)
    {
        foreach (var item in UpstreamJson.Items(value, "words"))
        {
            var start = Time(item, "start") ?? end;
            end = Math.Max(start, Time(item, "end") ?? start);
            if ((UpstreamJson.Text(item, "word") ?? UpstreamJson.Text(item, "text"))?.Trim() is { Length: > 0 } text)
                yield return new Word { StartMs = start, EndMs = end, Text = UpstreamJson.Cut(text, OpenAiLimits.UpstreamWordCharsMax) };
        }
    }

    private static IEnumerable<Segment> Pieces(Segment segment, int charsMax)
    {
        if (segment.Words.Count > LinkLimits.SegmentWordsMax)
            return segment.Words.Chunk(WordsPerPiece).Select(OfWords);
        return segment.Text.Length <= charsMax ? [segment] : PiecesOfText(segment, charsMax);
    }

    private static Segment OfWords(Word[] words) => new()
    {
        StartMs = words[0].StartMs, EndMs = words.Max(w => w.EndMs), Text = string.Join(' ', words.Select(w => w.Text)), Words = { words },
    };

    private static IEnumerable<Segment> PiecesOfText(Segment segment, int charsMax)
    {
        var msPerChar = (segment.EndMs - segment.StartMs) / (double)segment.Text.Length;
        for (var at = 0; at < segment.Text.Length;)
        {
            // One character more than fits tells whether anything follows.
            var rest = segment.Text.Substring(at, Math.Min(segment.Text.Length - at, charsMax + 1));
            var text = UpstreamJson.Cut(rest, charsMax);
            if (text.Length < rest.Length && text.LastIndexOf(' ') is > 0 and var blank)
                text = text[..blank];
            var piece = new Segment { StartMs = segment.StartMs + (uint)(at * msPerChar), EndMs = segment.StartMs + (uint)((at + text.Length) * msPerChar), Text = text };
            if (at == 0)
                piece.Words.AddRange(segment.Words);
            yield return piece;
            at += text.Length;
        }
    }

    private static double? SecondsOf(JsonElement root) =>
        Seconds(root, "duration") ?? (root.TryGetProperty("usage", out var usage) ? Seconds(usage, "seconds") : null);

    private static uint? Time(JsonElement value, string name) => Seconds(value, name) is { } seconds ? Milliseconds(seconds) : null;

    // Servers that follow an older form of the API write numbers as text.
    private static double? Seconds(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out var member))
            return null;
        var seconds = double.NaN;
        if (member.ValueKind == JsonValueKind.Number)
            member.TryGetDouble(out seconds);
        else if (member.ValueKind == JsonValueKind.String)
            double.TryParse(member.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds);
        return double.IsFinite(seconds) && seconds >= 0 ? seconds : null;
    }

    private static uint Milliseconds(double seconds) => (uint)Math.Min(Math.Round(seconds * 1000), uint.MaxValue);
}
