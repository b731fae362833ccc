using System.Text;

namespace Flotilla.Engine.Text;

/// <summary>
/// Decodes UTF-8 that comes in arbitrary cuts: a character is delivered when its last byte is there, and bytes that can't become
/// one as U+FFFD. However the bytes are cut, the text is the same.
/// </summary>
internal sealed class Utf8StreamDecoder
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _buffer = new char[64];

    /// <summary>The characters that these bytes complete; valid until the next call.</summary>
    public ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>What is left at the end: U+FFFD for a character cut short, else nothing.</summary>
    public ReadOnlySpan<char> Finish() => Decode([], flush: true);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var needed = _decoder.GetCharCount(bytes, flush);
        if (needed > _buffer.Length)
        {
            _buffer = new char[Math.Max(needed, _buffer.Length * 2)];
        }
        return _buffer.AsSpan(0, _decoder.GetChars(bytes, _buffer, flush));
    }
}
