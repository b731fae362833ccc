using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>Ids from the operating system's cryptographic random source.</summary>
public sealed class SystemIdSource : IIdSource
{
    private const int IdBytes = 16;

    /// <summary>The one instance: it keeps no state.</summary>
    public static SystemIdSource Instance { get; } = new();

    /// <inheritdoc />
    public string Next(string prefix)
    {
        Span<byte> bits = stackalloc byte[IdBytes];
        RandomNumberGenerator.Fill(bits);
        return prefix + Convert.ToHexStringLower(bits);
    }

    /// <inheritdoc />
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
