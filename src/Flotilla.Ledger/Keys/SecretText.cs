using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>
/// The form of every secret: a prefix, 256 random bits in 43 base62 digits, and a checksum of 6 more. The checksum lets a
/// secret scanner be sure and a typing error be told without a look at the store; it is no part of the secrecy.
/// Scanners can search for <c>(sk|ak|jt)-flt-[0-9A-Za-z]{49}</c>.
/// </summary>
internal static class SecretText
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretBytes = 32;
    private const int SecretChars = 43;
    private const int ChecksumChars = 6;
    private static readonly SearchValues<char> DigitSet = SearchValues.Create(Digits);

    public static string New(string prefix, IIdSource ids)
    {
        Span<byte> bits = stackalloc byte[SecretBytes];
        ids.Fill(bits);
        var text = prefix + Base62(bits, SecretChars);
        CryptographicOperations.ZeroMemory(bits);
        return text + Checksum(text);
    }

    /// <summary>Whether the text has the form and its own checksum; says nothing about whether it was ever issued.</summary>
    public static bool IsWellFormed(string text, string prefix)
    {
        if (text.Length != prefix.Length + SecretChars + ChecksumChars || !text.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        if (text.AsSpan(prefix.Length).ContainsAnyExcept(DigitSet))
            return false;
        return text.EndsWith(Checksum(text[..^ChecksumChars]), StringComparison.Ordinal);
    }

    /// <summary>SHA-256 of the text as sent. No salt and no stretching: 256 random bits can't be guessed from a hash.</summary>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Checksum(string text) => Base62(Hash(text).AsSpan(0, 8), 11)[^ChecksumChars..];

    private static string Base62(ReadOnlySpan<byte> bytes, int length)
    {
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new char[length];
        for (var i = length - 1; i >= 0; i--)
        {
            number = BigInteger.DivRem(number, Digits.Length, out var digit);
            text[i] = Digits[(int)digit];
        }

        return new string(text);
    }
}
