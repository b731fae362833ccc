namespace Flotilla.Node.Runtimes.Command;

/// <summary>Hands a picture on once its first bytes say that it is one, of the format that was asked for; a program may write anything.</summary>
internal sealed class PictureWriter(MediaWriter output, string format)
{
    // What the longest of the signatures needs.
    private const int HeadBytes = 12;
    private byte[] _head = [];
    private bool? _isRight;

    /// <summary>Whether what came is a picture of the format; asked at the end.</summary>
    public bool IsRight => _isRight == true;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Takes a piece.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken ct)
    {
        if (_isRight is null)
        {
            _head = [.. _head, .. piece.Span];
            if (_head.Length < HeadBytes)
                return ValueTask.CompletedTask;
            piece = _head;
            _isRight = Begins(_head);
        }

        return IsRight ? output.WriteAsync(piece, ct) : ValueTask.CompletedTask;
    }

    private bool Begins(ReadOnlySpan<byte> head) => format switch
    {
        "png" => head.StartsWith(PngSignature),
        "jpeg" => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]),
        "webp" => head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8),
        _ => false,
    };
}
