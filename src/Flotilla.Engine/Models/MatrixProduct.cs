using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>Products of one input with up to three matrices as one phase: their groups of rows are shared out together.</summary>
internal sealed class MatrixProduct
{
    private readonly (WeightMatrix Matrix, OutputRows Output)[] _targets = new (WeightMatrix, OutputRows)[3];
    private readonly KernelSet _kernels;
    private readonly ComputePool _pool;
    private readonly Action<int, int> _multiply;
    private Activations _input = null!;
    private int _tokens;
    private int _count;
    private int _groups;
    private int _parts;

    public MatrixProduct(KernelSet kernels, ComputePool pool)
    {
        (_kernels, _pool) = (kernels, pool);
        _multiply = Multiply;
    }

    /// <summary>The units of one part when so many are shared out.</summary>
    public static (int First, int Last) Share(int units, int part, int parts) =>
        ((int)((long)units * part / parts), (int)((long)units * (part + 1) / parts));

    public void Run(Activations input, int tokens, params ReadOnlySpan<(WeightMatrix Matrix, OutputRows Output)> targets)
    {
        targets.CopyTo(_targets);
        (_input, _tokens, _count, _groups) = (input, tokens, targets.Length, 0);
        foreach (var (matrix, _) in targets)
            _groups += matrix.Groups;
        _parts = _pool.PartsFor(_groups, (long)_groups * RowGroups.Rows * input.Columns * tokens);
        _pool.Run(_parts, _multiply);
        // Whoever gives up his buffers must not find them held here.
        _targets.AsSpan().Clear();
        _input = null!;
    }

    private void Multiply(int part, int worker)
    {
        var (first, last) = Share(_groups, part, _parts);
        for (var index = 0; index < _count && last > 0; index++)
        {
            var (matrix, output) = _targets[index];
            if (first < matrix.Groups)
                matrix.Multiply(_kernels, _input, _tokens, output, first, Math.Min(last, matrix.Groups));
            (first, last) = (Math.Max(0, first - matrix.Groups), last - matrix.Groups);
        }
    }
}
