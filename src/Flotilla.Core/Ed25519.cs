using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>Ed25519 signatures (RFC 8032) by OpenSSL: node identities, receipts, gateway signatures.</summary>
public static unsafe class Ed25519
{
    /// <summary>Bytes of a private seed, and of a public key.</summary>
    public const int KeyBytes = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Verifies one signature.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">64 bytes.</param>
    /// <returns>False for a wrong signature, a key that is no curve point and any other length.</returns>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
            return false;
        IntPtr key;
        fixed (byte* raw = publicKey)
            key = LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.Ed25519Type, IntPtr.Zero, raw, KeyBytes);
        if (key == IntPtr.Zero)
            return false;
        var context = LibCrypto.EVP_MD_CTX_new();
        try
        {
            fixed (byte* s = signature)
            fixed (byte* d = data)
            {
                return LibCrypto.EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) == 1
                    && LibCrypto.EVP_DigestVerify(context, s, SignatureBytes, d, (nuint)data.Length) == 1;
            }
        }
        finally
        {
            LibCrypto.EVP_MD_CTX_free(context);
            LibCrypto.EVP_PKEY_free(key);
        }
    }

    internal static byte[] PublicKeyOf(IntPtr key)
    {
        var publicKey = new byte[KeyBytes];
        nuint length = KeyBytes;
        fixed (byte* p = publicKey)
        {
            if (LibCrypto.EVP_PKEY_get_raw_public_key(key, p, &length) != 1)
                throw new CryptographicException("OpenSSL gave no public key for an Ed25519 private key.");
        }

        return publicKey;
    }

    internal static byte[] Sign(IntPtr key, ReadOnlySpan<byte> data)
    {
        var signature = new byte[SignatureBytes];
        nuint length = SignatureBytes;
        var context = LibCrypto.EVP_MD_CTX_new();
        try
        {
            fixed (byte* s = signature)
            fixed (byte* d = data)
            {
                if (LibCrypto.EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, key) != 1
                    || LibCrypto.EVP_DigestSign(context, s, &length, d, (nuint)data.Length) != 1)
                    throw new CryptographicException("OpenSSL refused to sign with an Ed25519 key.");
            }
        }
        finally
        {
            LibCrypto.EVP_MD_CTX_free(context);
        }

        return signature;
    }
}
