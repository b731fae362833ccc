using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Flotilla.Core;

/// <summary>Ids from the clock and the operating system's cryptographic random source.</summary>
/// <param name="time">Gives each id its beginning.</param>
public sealed class SystemIdSource(TimeProvider time) : IIdSource
{
    private const int IdBytes = 16;
    private const int TimeBytes = 6;

    /// <summary>The one by the system's clock.</summary>
    public static SystemIdSource Instance { get; } = new(TimeProvider.System);

    /// <inheritdoc />
    public string Next(string prefix)
    {
        Span<byte> id = stackalloc byte[IdBytes];
        BinaryPrimitives.WriteInt64BigEndian(id, time.GetUtcNow().ToUnixTimeMilliseconds() << (8 * (sizeof(long) - TimeBytes)));
        RandomNumberGenerator.Fill(id[TimeBytes..]);
        return prefix + Convert.ToHexStringLower(id);
    }

    /// <inheritdoc />
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
