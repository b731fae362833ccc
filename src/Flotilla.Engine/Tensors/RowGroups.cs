namespace Flotilla.Engine.Tensors;

/// <summary>
/// Sixteen rows of a matrix lie interleaved, so that a vector lane is a row: each output element is then summed in one
/// order whatever the vector's width, and no sum ever runs across lanes.
/// </summary>
internal static class RowGroups
{
    /// <summary>Rows of a group, and lanes of the numerics contract.</summary>
    public const int Rows = 16;

    /// <summary>Groups for so many rows; the last one is filled up with rows of zeros.</summary>
    public static int CountFor(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>The length of an output buffer for so many rows.</summary>
    public static int PaddedRows(int rows) => CountFor(rows) * Rows;
}
