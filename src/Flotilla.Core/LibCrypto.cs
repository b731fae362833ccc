using System.Runtime.InteropServices;

namespace Flotilla.Core;

/// <summary>The OpenSSL calls that Ed25519 needs; .NET on Linux has the library loaded already, but does not offer the curve.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int Ed25519Type = 1087;
    private const string Library = "flotilla-libcrypto";
    private static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64", "libcrypto"];

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);

    private static IntPtr Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return IntPtr.Zero;
        foreach (var candidate in Names)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
                return handle;
        }

        throw new DllNotFoundException($"OpenSSL's libcrypto is needed for Ed25519 and none of {string.Join(", ", Names)} loads; install OpenSSL 1.1.1 or later.");
    }

    [LibraryImport(Library)]
    internal static partial IntPtr EVP_PKEY_new_raw_private_key(int type, IntPtr engine, byte* key, nuint length);

    [LibraryImport(Library)]
    internal static partial IntPtr EVP_PKEY_new_raw_public_key(int type, IntPtr engine, byte* key, nuint length);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_get_raw_public_key(IntPtr key, byte* publicKey, nuint* length);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(IntPtr key);

    [LibraryImport(Library)]
    internal static partial IntPtr EVP_MD_CTX_new();

    [LibraryImport(Library)]
    internal static partial void EVP_MD_CTX_free(IntPtr context);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSignInit(IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSign(IntPtr context, byte* signature, nuint* signatureLength, byte* data, nuint dataLength);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerifyInit(IntPtr context, IntPtr keyContext, IntPtr digest, IntPtr engine, IntPtr key);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerify(IntPtr context, byte* signature, nuint signatureLength, byte* data, nuint dataLength);
}
