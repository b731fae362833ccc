using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Flotilla.Gateway.Batches;

/// <summary>Reads a file line by line, never more of it than one line at a time.</summary>
internal static class BatchFile
{
    /// <summary>The lines that are not blank.</summary>
    /// <param name="file">Read from its place on; disposed of at the end.</param>
    /// <param name="lineBytesMax">Longest line; of a longer one the bytes are skipped.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async IAsyncEnumerable<BatchText> LinesAsync(Stream file, long lineBytesMax, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: GatewayLimits.CopyBufferBytes));
        try
        {
            var (number, end, isTooLong) = (0, 0L, false);
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } feed)
                {
                    var line = buffer.Slice(0, feed);
                    end += line.Length + 1;
                    number++;
                    buffer = buffer.Slice(buffer.GetPosition(1, feed));
                    if (isTooLong || line.Length > lineBytesMax)
                        yield return new BatchText(number, null, end, IsEnded: true);
                    else if (Trimmed(line) is { Length: > 0 } bytes)
                        yield return new BatchText(number, bytes, end, IsEnded: true);
                    isTooLong = false;
                }

                if (read.IsCompleted)
                {
                    end += buffer.Length;
                    if (isTooLong || buffer.Length > lineBytesMax)
                        yield return new BatchText(number + 1, null, end, IsEnded: false);
                    else if (Trimmed(buffer) is { Length: > 0 } bytes)
                        yield return new BatchText(number + 1, bytes, end, IsEnded: false);
                    yield break;
                }

                if (buffer.Length > lineBytesMax)
                {
                    isTooLong = true;
                    end += buffer.Length;
                    buffer = buffer.Slice(buffer.End);
                }

                reader.AdvanceTo(buffer.Start, read.Buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static byte[] Trimmed(ReadOnlySequence<byte> line)
    {
        var bytes = line.ToArray();
        var text = bytes.AsSpan().Trim(" \t\r"u8);
        // Some editors begin a file with a byte order mark.
        if (text.StartsWith("\uFEFF"u8))
            text = text[3..];
        return text.Length == bytes.Length ? bytes : text.ToArray();
    }
}
