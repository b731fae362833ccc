using System.Buffers;
using System.Text;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Cuts what a program writes into lines; what of a line is beyond the limit is dropped.</summary>
internal sealed class LineReader(int bytesMax)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Takes in a piece.</summary>
    /// <returns>The lines that ended in it, without their ends.</returns>
    public IReadOnlyList<string> Read(ReadOnlySpan<byte> piece)
    {
        var lines = new List<string>();
        for (int end; (end = piece.IndexOf((byte)'\n')) >= 0; piece = piece[(end + 1)..])
        {
            Append(piece[..end]);
            lines.Add(End());
        }

        Append(piece);
        return lines;
    }

    /// <summary>The line that has begun.</summary>
    public string End()
    {
        // Bytes that are no UTF-8 become U+FFFD.
        var line = Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
        _line.ResetWrittenCount();
        return line;
    }

    private void Append(ReadOnlySpan<byte> bytes) => _line.Write(bytes[..Math.Min(bytes.Length, bytesMax - _line.WrittenCount)]);
}
