using System.Runtime.InteropServices;

namespace Flotilla.Core;

/// <summary>A native library that does the arithmetic of Ed25519. Both sign the same bytes; libsodium takes half of OpenSSL 3's time.</summary>
internal abstract unsafe class Ed25519Library
{
    static Ed25519Library()
    {
        NativeLibrary.SetDllImportResolver(typeof(Ed25519Library).Assembly, (name, _, _) => Find(name));
        Chosen = Find(LibSodium.Library) != IntPtr.Zero ? new LibSodium() : new LibCrypto();
    }

    /// <summary>libsodium where the machine has it, otherwise the OpenSSL that .NET has loaded already.</summary>
    internal static Ed25519Library Chosen { get; }

    /// <summary>Makes a private key that lives outside of the managed heap until it is freed.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">Receives 32 bytes.</param>
    internal abstract IntPtr NewKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <summary>Erases a private key.</summary>
    internal abstract void FreeKey(IntPtr key);

    /// <summary>Signs; from several threads at once if need be.</summary>
    /// <param name="key">A key of <see cref="NewKey"/>.</param>
    /// <param name="data">Any length.</param>
    /// <param name="signature">Receives 64 bytes.</param>
    internal abstract void Sign(IntPtr key, ReadOnlySpan<byte> data, Span<byte> signature);

    /// <summary>Verifies a signature of 64 bytes by a key of 32.</summary>
    internal abstract bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    private static IntPtr Find(string library)
    {
        string[] names = library switch { LibSodium.Library => LibSodium.Names, LibCrypto.Library => LibCrypto.Names, _ => [] };
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
                return handle;
        }

        return library == LibCrypto.Library
            ? throw new DllNotFoundException($"Ed25519 needs libsodium or OpenSSL's libcrypto, and none of {string.Join(", ", [.. LibSodium.Names, .. names])} loads; install OpenSSL 1.1.1 or later.")
            : IntPtr.Zero;
    }
}
