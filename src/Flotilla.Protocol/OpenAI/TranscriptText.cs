using System.Buffers;
using System.Globalization;
using System.Text;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A transcript's segments as text and as subtitles.</summary>
internal static class TranscriptText
{
    /// <summary>The segments in one line.</summary>
    public static string Plain(IReadOnlyList<Segment> segments) => string.Join(' ', segments.Select(s => s.Text.Trim()).Where(t => t.Length > 0));

    /// <summary>SubRip.</summary>
    public static void WriteSrt(IReadOnlyList<Segment> segments, IBufferWriter<byte> output)
    {
        for (var i = 0; i < segments.Count; i++)
            Write(output, $"{i + 1}\n{Time(segments[i].StartMs, ',')} --> {Time(segments[i].EndMs, ',')}\n{Line(segments[i])}\n\n");
    }

    /// <summary>WebVTT.</summary>
    public static void WriteVtt(IReadOnlyList<Segment> segments, IBufferWriter<byte> output)
    {
        Write(output, "WEBVTT\n\n");
        foreach (var segment in segments)
            Write(output, $"{Time(segment.StartMs, '.')} --> {Time(segment.EndMs, '.')}\n{Line(segment).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)}\n\n");
    }

    // An empty line, or an arrow, would begin a cue of the model's own.
    private static string Line(Segment segment) =>
        string.Join(' ', segment.Text.Replace("-->", "→", StringComparison.Ordinal).Split(['\r', '\n', '\u0085', '\u2028', '\u2029'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string Time(uint milliseconds, char comma)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{comma}{time.Milliseconds:000}");
    }

    private static void Write(IBufferWriter<byte> output, string text) => output.Write(Encoding.UTF8.GetBytes(text));
}
