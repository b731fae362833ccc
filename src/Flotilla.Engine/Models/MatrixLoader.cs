using Flotilla.Engine.Gguf;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>
/// Reads and packs one matrix after another: while rows are read, whose cost is the file's digest, those before them are packed
/// on another thread.
/// </summary>
/// <param name="headLength">Rows of a head.</param>
internal sealed class MatrixLoader(int headLength)
{
    /// <summary>What is read at once, about: far more than handing it over costs, and little beside any model.</summary>
    private const int BatchBytes = 1 << 20;

    private byte[] _reading = [];
    private byte[] _packing = [];
    private byte[] _turned = [];

    /// <summary>The next <paramref name="rows"/> rows of the file, which has come to them.</summary>
    /// <param name="source">The file.</param>
    /// <param name="tensor">Of what type and how long they are.</param>
    /// <param name="rows">How many.</param>
    /// <param name="pairedRows">Rows of a head that lie in pairs (2i, 2i + 1), or 0.</param>
    /// <exception cref="GgufException">The file ends, or a number of it is not finite.</exception>
    public WeightMatrix Load(GgufSource source, TensorInfo tensor, int rows, int pairedRows)
    {
        var rowBytes = (int)tensor.RowBytes;
        var matrix = WeightFormats.Create(tensor.Type, rows, (int)tensor.Columns);
        var unit = pairedRows == 0 ? RowGroups.Rows : headLength;
        var step = checked(unit * Math.Max(1, BatchBytes / (unit * rowBytes)));
        var packed = Task.CompletedTask;
        try
        {
            for (var first = 0; first < rows; first += step)
            {
                var (at, bytes) = (first, checked(Math.Min(step, rows - first) * rowBytes));
                if (_reading.Length < bytes)
                    _reading = new byte[bytes];
                source.Read(_reading.AsSpan(0, bytes));
                packed.GetAwaiter().GetResult();
                (_reading, _packing) = (_packing, _reading);
                packed = Task.Run(() => Pack(matrix, at, bytes, rowBytes, unit, pairedRows));
            }
        }
        finally
        {
            // Also when the file ended: nobody may pack from a buffer that the next file is read into.
            Task.WaitAny(packed);
        }

        packed.GetAwaiter().GetResult();
        return matrix;
    }

    private void Pack(WeightMatrix matrix, int first, int bytes, int rowBytes, int unit, int pairedRows)
    {
        for (var row = 0; row < bytes / rowBytes; row += unit)
        {
            var rows = _packing.AsSpan(row * rowBytes, Math.Min(unit * rowBytes, bytes - (row * rowBytes)));
            if (pairedRows > 0)
                Unpair(rows, pairedRows, rowBytes);
            for (var of = 0; of < rows.Length; of += RowGroups.Rows * rowBytes)
            {
                var group = rows.Slice(of, Math.Min(RowGroups.Rows * rowBytes, rows.Length - of));
                matrix.Pack((first + row + (of / rowBytes)) / RowGroups.Rows, group.Length / rowBytes, group);
            }
        }
    }

    /// <summary>
    /// Moves the rows of a head from pairs (2i, 2i + 1) to pairs (i, i + n/2). Queries and keys move alike, so their
    /// products keep their terms, and one rotation serves both kinds of model.
    /// </summary>
    private void Unpair(Span<byte> rows, int pairedRows, int rowBytes)
    {
        Array.Resize(ref _turned, pairedRows * rowBytes);
        for (var row = 0; row < pairedRows; row++)
        {
            var target = (row / 2) + (row % 2 * (pairedRows / 2));
            rows.Slice(row * rowBytes, rowBytes).CopyTo(_turned.AsSpan(target * rowBytes));
        }

        _turned.AsSpan().CopyTo(rows);
    }
}
