using System.Numerics;

namespace Flotilla.Core;

/// <summary>Bitcoin's base58, in which signatures are shown: no 0, O, I or l, nothing to escape in a URL or header.</summary>
public static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Longest text that is read: a 64-byte signature takes at most 88 characters.</summary>
    public const int TextCharsMax = 128;

    /// <summary>Writes bytes; each leading zero byte becomes a leading <c>1</c>.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        if (zeros < 0)
            return new string('1', bytes.Length);
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var digits = new List<char>(bytes.Length * 138 / 100 + 1);
        while (!number.IsZero)
        {
            number = BigInteger.DivRem(number, 58, out var digit);
            digits.Add(Alphabet[(int)digit]);
        }

        digits.AddRange(Enumerable.Repeat('1', zeros));
        digits.Reverse();
        return new string([.. digits]);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <returns>False for a foreign character or more than <see cref="TextCharsMax"/> characters.</returns>
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length > TextCharsMax)
            return false;
        var number = BigInteger.Zero;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            number = number * 58 + digit;
        }

        var zeros = text.AsSpan().IndexOfAnyExcept('1');
        if (zeros < 0)
            zeros = text.Length;
        var body = number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes = new byte[zeros + body.Length];
        body.CopyTo(bytes, zeros);
        return true;
    }
}
