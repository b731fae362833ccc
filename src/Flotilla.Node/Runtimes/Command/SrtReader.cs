using System.Globalization;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Reads SubRip: a number, the times, lines of text, an empty line.</summary>
internal sealed class SrtReader : TranscriptReader
{
    private Segment? _open;

    /// <inheritdoc />
    public override Segment? Read(string line)
    {
        if (Times(line) is { } times)
        {
            _open = new Segment { StartMs = times.Start, EndMs = Math.Max(times.Start, times.End) };
        }
        else if (line.Length == 0)
        {
            var ended = _open;
            _open = null;
            return ended is { Text.Length: > 0 } ? ended : null;
        }
        else if (_open is not null && _open.Text.Length + line.Length < NodeLimits.SegmentCharsMax)
        {
            _open.Text = _open.Text.Length == 0 ? line.Trim() : _open.Text + " " + line.Trim();
        }

        return null;
    }

    private static (uint Start, uint End)? Times(string line)
    {
        var ends = line.Split(" --> ");
        return ends.Length == 2 && Time(ends[0]) is { } start && Time(ends[1]) is { } end ? (start, end) : null;
    }

    private static uint? Time(string text) =>
        TimeSpan.TryParseExact(text.Trim().Replace(',', '.'), @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture, out var time) ? Milliseconds(time.TotalSeconds) : null;
}
