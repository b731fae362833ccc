using System.Buffers;
using System.Text;

namespace Flotilla.Engine.Text;

/// <summary>
/// Decodes UTF-8 that comes in arbitrary cuts: a character is delivered when its last byte is there, and bytes that can't become
/// one as U+FFFD. However the bytes are cut, the text is the same. .NET's own decoder allocates for every byte that it cannot read,
/// and models write such bytes.
/// </summary>
internal sealed class Utf8StreamDecoder
{
    // The beginning of a character, at most three of its four bytes, and room for the next.
    private readonly byte[] _begun = new byte[4];
    private int _begunCount;
    private char[] _buffer = new char[64];
    private int _count;

    /// <summary>The characters that these bytes complete; valid until the next call.</summary>
    public ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length + 2 > _buffer.Length)
        {
            _buffer = new char[Math.Max(bytes.Length + 2, _buffer.Length * 2)];
        }
        _count = 0;
        while (_begunCount > 0 && !bytes.IsEmpty)
        {
            _begun[_begunCount++] = bytes[0];
            var status = Rune.DecodeFromUtf8(_begun.AsSpan(0, _begunCount), out var rune, out var used);
            if (status == OperationStatus.NeedMoreData)
            {
                bytes = bytes[1..];
                continue;
            }
            Append(rune);
            // A byte that does not go on with the character begins another.
            bytes = bytes[(used == _begunCount ? 1 : 0)..];
            _begunCount = 0;
        }
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.NeedMoreData)
            {
                bytes.CopyTo(_begun);
                _begunCount = bytes.Length;
                break;
            }
            Append(rune);
            bytes = bytes[used..];
        }
        return _buffer.AsSpan(0, _count);
    }

    /// <summary>What is left at the end: U+FFFD for a character cut short, else nothing.</summary>
    public ReadOnlySpan<char> Finish()
    {
        _count = 0;
        if (_begunCount > 0)
        {
            Append(Rune.ReplacementChar);
        }
        _begunCount = 0;
        return _buffer.AsSpan(0, _count);
    }

    private void Append(Rune rune) => _count += rune.EncodeToUtf16(_buffer.AsSpan(_count));
}
