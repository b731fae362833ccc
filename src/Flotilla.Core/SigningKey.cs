using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>An Ed25519 private key that can sign; safe to use from several threads at once.</summary>
public sealed class SigningKey
{
    private readonly byte[] _publicKey = new byte[Ed25519.KeyBytes];
    private readonly Ed25519Library _library;
    private readonly IntPtr _key;

    internal SigningKey(Ed25519Library library, ReadOnlySpan<byte> seed)
    {
        _library = library;
        _key = library.NewKey(seed, _publicKey);
    }

    /// <summary>Erases the key. There is no earlier release, because another thread may be signing with it.</summary>
    ~SigningKey()
    {
        if (_key != IntPtr.Zero)
            _library.FreeKey(_key);
    }

    /// <summary>The public half, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Makes a key from its 32-byte seed.</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) => seed.Length == Ed25519.KeyBytes
        ? new SigningKey(Ed25519Library.Chosen, seed)
        : throw new ArgumentException($"An Ed25519 seed has {Ed25519.KeyBytes} bytes, this one {seed.Length}.", nameof(seed));

    /// <summary>Reads the key file, or makes a new key and writes it, readable by its owner alone.</summary>
    /// <param name="path">A file of the 32 seed bytes in hexadecimal.</param>
    /// <param name="ids">Source of the new seed.</param>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static SigningKey LoadOrCreate(string path, IIdSource ids)
    {
        if (!File.Exists(path))
            Create(path, ids);
        var text = File.ReadAllText(path).Trim();
        if (text.Length != 2 * Ed25519.KeyBytes || !text.All(char.IsAsciiHexDigit))
            throw new InvalidDataException($"{path} is no key file: it should hold {2 * Ed25519.KeyBytes} hexadecimal digits. Restore it from a backup; deleting it makes a new identity.");
        return FromSeed(Convert.FromHexString(text));
    }

    private static void Create(string path, IIdSource ids)
    {
        Span<byte> seed = stackalloc byte[Ed25519.KeyBytes];
        ids.Fill(seed);
        // A half-written key must never be found under the final name.
        PrivateFile.Write(path, Convert.ToHexStringLower(seed) + "\n");
        CryptographicOperations.ZeroMemory(seed);
    }

    /// <summary>Signs the data: 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = new byte[Ed25519.SignatureBytes];
        _library.Sign(_key, data, signature);
        GC.KeepAlive(this);
        return signature;
    }
}
