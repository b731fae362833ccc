using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Node.Runtimes;

/// <summary>Makes events of bytes as they come, each small enough that other jobs' frames get in between.</summary>
internal sealed class MediaWriter(IRunOutput output, uint choice)
{
    /// <summary>Sends a piece.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        for (; piece.Length > 0; piece = piece[Math.Min(piece.Length, NodeLimits.MediaEventBytes)..])
        {
            var part = piece[..Math.Min(piece.Length, NodeLimits.MediaEventBytes)];
            await output.EmitAsync(new Event { Choice = choice, Media = new Media { Data = ByteString.CopyFrom(part.Span) } }, ct);
        }
    }
}
