using System.Buffers.Binary;

namespace Flotilla.Engine.Tokenization;

/// <summary>
/// SentencePiece's compiled replacements (<c>precompiled_charsmap</c>): a tree of byte sequences in a double array, where a child lies at the
/// parent's base, exclusive-or the byte, and the texts that they become, each ended by a zero byte. Untrusted: whatever it says, a look-up ends,
/// and what points outside is no replacement.
/// </summary>
internal sealed class CharacterMap
{
    private const uint ValueBit = 1u << 31;
    private const uint LeafBit = 1u << 8;
    private const uint WideBit = 1u << 9;

    private readonly uint[] _units;
    private readonly byte[] _texts;

    /// <param name="bytes">As in the file; empty for no replacements.</param>
    /// <exception cref="TokenizerException">The lengths contradict each other, or a text is longer than its limit.</exception>
    public CharacterMap(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            (_units, _texts) = ([], []);
            return;
        }
        if (bytes.Length > TextLimits.CharacterMapBytesMax)
        {
            throw TooLong($"has {bytes.Length} bytes; at most {TextLimits.CharacterMapBytesMax} are allowed.");
        }
        var length = bytes.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length == 0 || length % sizeof(uint) != 0 || length >= (ulong)(bytes.Length - sizeof(uint)) || bytes[^1] != 0)
        {
            throw Vocabulary.Malformed(
                $"tokenizer.ggml.precompiled_charsmap of {bytes.Length} bytes declares a tree of {length}, or its last text has no end.");
        }
        _units = new uint[length / sizeof(uint)];
        for (var index = 0; index < _units.Length; index++)
        {
            _units[index] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(sizeof(uint) * (index + 1)));
        }
        _texts = bytes[(sizeof(uint) + (int)length)..];
        CheckTexts();
    }

    /// <summary>Replaces the longest sequence that the bytes begin with; false where they begin with none.</summary>
    public bool TryReplace(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> replacement, out int taken)
    {
        replacement = [];
        taken = 0;
        var node = _units.Length == 0 ? 0 : BaseOf(_units[0]);
        for (var at = 0; at < Math.Min(bytes.Length, TextLimits.CharacterMapKeyBytesMax) && _units.Length > 0; at++)
        {
            node ^= bytes[at];
            if (bytes[at] == 0 || node >= (uint)_units.Length || (_units[node] & (ValueBit | 0xFF)) != bytes[at])
            {
                break;
            }
            var unit = _units[node];
            node ^= BaseOf(unit);
            if ((unit & LeafBit) != 0 && node < (uint)_units.Length && (_units[node] & ~ValueBit) is var start && start < (uint)_texts.Length)
            {
                var text = _texts.AsSpan((int)start);
                replacement = text[..text.IndexOf((byte)0)];
                taken = at + 1;
            }
        }
        return taken > 0;
    }

    private static uint BaseOf(uint unit) => (unit >> 10) << ((unit & WideBit) != 0 ? 8 : 0);

    private void CheckTexts()
    {
        for (var rest = _texts.AsSpan(); !rest.IsEmpty;)
        {
            var length = rest.IndexOf((byte)0);
            if (length > TextLimits.CharacterMapTextBytesMax)
            {
                throw TooLong($"replaces something by {length} bytes; at most {TextLimits.CharacterMapTextBytesMax} are allowed.");
            }
            rest = rest[(length + 1)..];
        }
    }

    private static TokenizerException TooLong(string message) => new(TokenizerError.LimitExceeded, $"tokenizer.ggml.precompiled_charsmap {message}");
}
