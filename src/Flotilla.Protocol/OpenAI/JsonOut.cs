using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Flotilla.Protocol.OpenAI;

/// <summary>JSON values straight into a buffer: no writer object, no allocation, always one line.</summary>
internal static class JsonOut
{
    // Longest escape of one UTF-16 unit, \u001f; in UTF-8 a unit takes at most 3 bytes.
    private const int BytesPerUnitMax = 6;
    private const int SliceUnits = 4096;

    // Beyond what JSON demands: DEL, the C1 controls (among them NEL) and U+2028/2029, which some readers of event streams
    // take for ends of lines. A model's text must never end a line of the stream.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\', .. Enumerable.Range(0x7F, 0x21).Select(c => (char)c), '\u2028', '\u2029']);

    /// <summary>A quoted string.</summary>
    public static void WriteJsonString(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        output.WriteJsonText(text);
        output.Write("\""u8);
    }

    /// <summary>A quoted string, or null.</summary>
    public static void WriteJsonStringOrNull(this IBufferWriter<byte> output, string? text)
    {
        if (text is null)
            output.Write("null"u8);
        else
            output.WriteJsonString(text);
    }

    /// <summary>The inside of a string, without quotes. A lone surrogate comes out as U+FFFD.</summary>
    public static void WriteJsonText(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (text.Length > SliceUnits)
        {
            // A pair must not be cut in two.
            var length = char.IsHighSurrogate(text[SliceUnits - 1]) ? SliceUnits - 1 : SliceUnits;
            WriteSlice(output, text[..length]);
            text = text[length..];
        }

        WriteSlice(output, text);
    }

    /// <summary>Bytes as a quoted string of base64.</summary>
    public static void WriteJsonBase64(this IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.Write("\""u8);
        // A multiple of three, so that no slice but the last is padded.
        const int Slice = 3 * 4096;
        for (; bytes.Length > 0; bytes = bytes[Math.Min(Slice, bytes.Length)..])
        {
            var slice = bytes[..Math.Min(Slice, bytes.Length)];
            Base64.EncodeToUtf8(slice, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(slice.Length)), out _, out var written);
            output.Advance(written);
        }

        output.Write("\""u8);
    }

    /// <summary>An integer.</summary>
    public static void WriteJsonNumber(this IBufferWriter<byte> output, long value)
    {
        var span = output.GetSpan(20);
        value.TryFormat(span, out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>A finite number, in the shortest form that reads back the same.</summary>
    public static void WriteJsonNumber(this IBufferWriter<byte> output, float value)
    {
        var span = output.GetSpan(32);
        value.TryFormat(span, out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteSlice(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        var span = output.GetSpan(text.Length * BytesPerUnitMax);
        var written = 0;
        while (true)
        {
            var plain = text.IndexOfAny(Escaped);
            if (plain < 0)
                break;
            written += Encoding.UTF8.GetBytes(text[..plain], span[written..]);
            written += Escape(text[plain], span[written..]);
            text = text[(plain + 1)..];
        }

        written += Encoding.UTF8.GetBytes(text, span[written..]);
        output.Advance(written);
    }

    private static int Escape(char unit, Span<byte> span)
    {
        var letter = unit switch
        {
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            '\b' => (byte)'b',
            '\f' => (byte)'f',
            _ => (byte)'u',
        };
        span[0] = (byte)'\\';
        span[1] = letter;
        if (letter != (byte)'u')
            return 2;
        for (var i = 0; i < 4; i++)
            span[2 + i] = "0123456789abcdef"u8[unit >> (12 - 4 * i) & 0xF];
        return 6;
    }
}
