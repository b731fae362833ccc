using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>Ed25519 by OpenSSL; .NET on Linux has the library loaded already, but does not offer the curve.</summary>
internal sealed unsafe partial class LibCrypto : Ed25519Library
{
    internal const string Library = "flotilla-libcrypto";
    internal static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64", "libcrypto"];
    private const int Ed25519Type = 1087;

    internal override IntPtr NewKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        IntPtr key;
        fixed (byte* s = seed)
            key = EVP_PKEY_new_raw_private_key(Ed25519Type, IntPtr.Zero, s, Ed25519.KeyBytes);
        if (key == IntPtr.Zero)
            throw new CryptographicException("OpenSSL refused an Ed25519 seed; is its Ed25519 provider disabled?");
        nuint length = Ed25519.KeyBytes;
        fixed (byte* p = publicKey)
        {
            if (EVP_PKEY_get_raw_public_key(key, p, &length) == 1)
                return key;
        }

        EVP_PKEY_free(key);
        throw new CryptographicException("OpenSSL gave no public key for an Ed25519 private key.");
    }

    internal override void FreeKey(IntPtr key) => EVP_PKEY_free(key);

    internal override void Sign(IntPtr key, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        nuint length = Ed25519.SignatureBytes;
        var context = EVP_MD_CTX_new();
        try
        {
            fixed (byte* s = signature)
            fixed (byte* d = data)
            {
                if (EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) != 1
                    || EVP_DigestSign(context, s, &length, d, (nuint)data.Length) != 1)
                    throw new CryptographicException("OpenSSL refused to sign with an Ed25519 key.");
            }
        }
        finally
        {
            EVP_MD_CTX_free(context);
        }
    }

    internal override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        IntPtr key;
        fixed (byte* p = publicKey)
            key = EVP_PKEY_new_raw_public_key(Ed25519Type, IntPtr.Zero, p, Ed25519.KeyBytes);
        if (key == IntPtr.Zero)
            return false;
        var context = EVP_MD_CTX_new();
        try
        {
            fixed (byte* s = signature)
            fixed (byte* d = data)
            {
                return EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1
                    && EVP_DigestVerify(context, s, Ed25519.SignatureBytes, d, (nuint)data.Length) == 1;
            }
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
        }
    }

    [LibraryImport(Library)]
    private static partial IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, byte* key, nuint length);

    [LibraryImport(Library)]
    private static partial IntPtr EVP_PKEY_new_raw_public_key(int type, IntPtr engine, byte* key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(IntPtr key, byte* publicKey, nuint* length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(IntPtr key);

    [LibraryImport(Library)]
    private static partial IntPtr EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(IntPtr context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(IntPtr context, byte* signature, nuint* signatureLength, byte* data, nuint dataLength);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(IntPtr context, byte* signature, nuint signatureLength, byte* data, nuint dataLength);
}
