namespace Flotilla.Engine.Tokenization;

/// <summary>
/// The alphabet of byte-level BPE: each byte is written as one printable character, so that a vocabulary is plain text.
/// Printable Latin-1 bytes stand for themselves, the other 68 for U+0100 and up, in byte order.
/// </summary>
internal static class ByteMap
{
    private static readonly char[] s_charOfByte = BuildCharOfByte();
    private static readonly short[] s_byteOfChar = BuildByteOfChar();

    /// <summary>The character that a byte is written as.</summary>
    public static char CharOf(byte value) => s_charOfByte[value];

    /// <summary>The byte that a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < s_byteOfChar.Length ? s_byteOfChar[character] : -1;

    private static char[] BuildCharOfByte()
    {
        var map = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            map[value] = printable ? (char)value : next++;
        }
        return map;
    }

    private static short[] BuildByteOfChar()
    {
        var map = new short[s_charOfByte.Max() + 1];
        Array.Fill(map, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            map[s_charOfByte[value]] = (short)value;
        }
        return map;
    }
}
