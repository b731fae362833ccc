using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>Ed25519 by libsodium 1.0 or later.</summary>
internal sealed unsafe partial class LibSodium : Ed25519Library
{
    internal const string Library = "flotilla-libsodium";
    internal static readonly string[] Names = ["libsodium.so.26", "libsodium.so.23", "libsodium.26.dylib", "libsodium.23.dylib", "libsodium.dll"];
    private const int SecretKeyBytes = 64; // the seed, then the public key

    internal LibSodium()
    {
        if (sodium_init() < 0)
            throw new CryptographicException("libsodium is on this machine and could not be initialised (sodium_init).");
    }

    internal override IntPtr NewKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        var key = NativeMemory.Alloc(SecretKeyBytes);
        fixed (byte* s = seed)
        fixed (byte* p = publicKey)
            _ = crypto_sign_ed25519_seed_keypair(p, (byte*)key, s);
        return (IntPtr)key;
    }

    internal override void FreeKey(IntPtr key)
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)key, SecretKeyBytes));
        NativeMemory.Free((void*)key);
    }

    internal override void Sign(IntPtr key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        fixed (byte* s = signature)
        fixed (byte* d = data)
            _ = crypto_sign_ed25519_detached(s, null, d, (ulong)data.Length, (byte*)key);
    }

    internal override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        fixed (byte* s = signature)
        fixed (byte* d = data)
        fixed (byte* p = publicKey)
            return crypto_sign_ed25519_verify_detached(s, d, (ulong)data.Length, p) == 0;
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_seed_keypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_detached(byte* signature, ulong* signatureLength, byte* data, ulong dataLength, byte* secretKey);

    [LibraryImport(Library)]
    private static partial int crypto_sign_ed25519_verify_detached(byte* signature, byte* data, ulong dataLength, byte* publicKey);
}
