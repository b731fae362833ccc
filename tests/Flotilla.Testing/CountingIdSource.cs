using System.Buffers.Binary;
using Flotilla.Core;

namespace Flotilla.Testing;

/// <summary>Ids that count from one, so that a test can name the next one; bytes that repeat the counter.</summary>
public sealed class CountingIdSource : IIdSource
{
    private long _count;

    /// <inheritdoc />
    public string Next(string prefix) => prefix + Interlocked.Increment(ref _count).ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[sizeof(long)];
        for (var at = 0; at < bytes.Length; at += word.Length)
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, Interlocked.Increment(ref _count));
            word[..Math.Min(word.Length, bytes.Length - at)].CopyTo(bytes[at..]);
        }
    }
}
