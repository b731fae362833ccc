using System.Buffers.Binary;
using Flotilla.Core;

namespace Flotilla.Node.Links;

/// <summary>
/// The pauses between attempts to dial: they double up to a limit, and each is shortened by a random part of up to a half,
/// so that the nodes of a gateway that restarts do not come back in one wave.
/// </summary>
internal sealed class Backoff(IIdSource random)
{
    private TimeSpan _next = NodeLimits.BackoffFirst;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var pause = Jitter(_next);
        _next = _next * 2 < NodeLimits.BackoffMax ? _next * 2 : NodeLimits.BackoffMax;
        return pause;
    }

    /// <summary>Begins again with the shortest pause.</summary>
    public void Reset() => _next = NodeLimits.BackoffFirst;

    /// <summary>Shortens a pause by a random part of up to a half.</summary>
    public TimeSpan Jitter(TimeSpan pause)
    {
        Span<byte> bits = stackalloc byte[sizeof(uint)];
        random.Fill(bits);
        return pause * (1 - BinaryPrimitives.ReadUInt32LittleEndian(bits) / (2.0 * uint.MaxValue));
    }
}
