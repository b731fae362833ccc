using System.Numerics;
using System.Text;

namespace Flotilla.Core;

/// <summary>Bitcoin's base58, in which signatures are shown: no 0, O, I or l, nothing to escape in a URL or header.</summary>
public static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private const int DigitsPerLimb = 5;
    private const uint LimbBase = 58 * 58 * 58 * 58 * 58;
    private const int BitsPerLimb = 29;
    private const int StackBytesMax = 256;

    /// <summary>Longest text that is read: a 64-byte signature takes at most 88 characters.</summary>
    public const int TextCharsMax = 128;

    /// <summary>Writes bytes; each leading zero byte becomes a leading <c>1</c>. Time grows with the square of the length.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        if (zeros < 0)
            return new string('1', bytes.Length);
        // Little-endian digits of base 58⁵, the largest power whose product with 2³² fits 64 bits.
        Span<uint> limbs = bytes.Length <= StackBytesMax ? stackalloc uint[LimbsOf(bytes.Length)] : new uint[LimbsOf(bytes.Length)];
        var used = 0;
        for (var at = zeros; at < bytes.Length;)
        {
            var count = Math.Min(sizeof(uint), bytes.Length - at);
            ulong carry = 0;
            foreach (var b in bytes.Slice(at, count))
                carry = (carry << 8) | b;
            for (var i = 0; i < used; i++)
            {
                carry += (ulong)limbs[i] << (8 * count);
                (carry, var limb) = Math.DivRem(carry, LimbBase);
                limbs[i] = (uint)limb;
            }

            for (; carry != 0; carry /= LimbBase)
                limbs[used++] = (uint)(carry % LimbBase);
            at += count;
        }

        return Text(limbs[..used], zeros);
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

    private static int LimbsOf(int bytes) => (bytes * 8 / BitsPerLimb) + 1;

    private static string Text(ReadOnlySpan<uint> limbs, int zeros)
    {
        Span<char> top = stackalloc char[DigitsPerLimb];
        Digits(limbs[^1], top);
        top = top[top.IndexOfAnyExcept(Alphabet[0])..];
        var text = new StringBuilder(zeros + (limbs.Length * DigitsPerLimb)).Append(Alphabet[0], zeros).Append(top);
        Span<char> digits = stackalloc char[DigitsPerLimb];
        for (var i = limbs.Length - 2; i >= 0; i--)
        {
            Digits(limbs[i], digits);
            text.Append(digits);
        }

        return text.ToString();
    }

    private static void Digits(uint limb, Span<char> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--, limb /= 58)
            digits[i] = Alphabet[(int)(limb % 58)];
    }
}
