using Flotilla.Engine.Kernels;

namespace Flotilla.Engine.Tensors;

/// <summary>A weight matrix as the kernels want it. Rows are outputs, columns inputs.</summary>
internal abstract class WeightMatrix(int rows, int columns)
{
    public int Rows => rows;

    public int Columns => columns;

    /// <summary>Groups of rows: the unit in which threads share a product.</summary>
    public int Groups => RowGroups.CountFor(rows);

    /// <summary>Whether the product takes its input quantised.</summary>
    public abstract bool TakesQuantized { get; }

    /// <summary>Repacks rows [16·group, 16·group + count), which lie one after another as in the file.</summary>
    public abstract void Pack(int group, int count, ReadOnlySpan<byte> fileRows);

    /// <summary>Outputs of groups [first, last) for all tokens of a batch.</summary>
    public abstract void Multiply(KernelSet kernels, Activations input, int tokens, OutputRows output, int first, int last);

    /// <summary>Copies one row as floats: the weights of docs/numerics.md.</summary>
    public abstract void CopyRow(int row, Span<float> target);

    /// <summary>Checks once what the pointers of a product rely on.</summary>
    public void CheckProduct(Activations input, int tokens, OutputRows output, int first, int last)
    {
        if (input.Columns != columns || (long)tokens * columns > input.Values.Length || first < 0 || last > Groups
            || output.Stride < last * RowGroups.Rows || (long)tokens * output.Stride > output.Buffer.Length)
        {
            throw new ArgumentException(
                $"A product of ({rows}, {columns}), groups {first} to {last}, with {tokens} tokens of {input.Columns} into rows of {output.Stride}.",
                nameof(input));
        }
    }
}
