using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>Gate and up product, activation, down product: of any rows, whoever's they are.</summary>
internal sealed class FeedForwardPass
{
    private readonly ModelConfig _config;
    private readonly KernelSet _kernels;
    private readonly ComputePool _pool;
    private readonly Workspace _work;
    private readonly MatrixProduct _product;
    private readonly Action<int, int> _activate;
    private FeedForwardWeights _weights = null!;
    private int _rows;
    private int _parts;

    public FeedForwardPass(ModelConfig config, KernelSet kernels, ComputePool pool, Workspace work)
    {
        (_config, _kernels, _pool, _work) = (config, kernels, pool, work);
        _product = new MatrixProduct(kernels, pool);
        _activate = Activate;
    }

    /// <summary>Takes rows of the input, quantised where the weights want that, to rows of the output.</summary>
    public void Run(FeedForwardWeights weights, Activations input, int rows, OutputRows output)
    {
        (_weights, _rows) = (weights, rows);
        if (weights.Up is { } up)
            _product.Run(input, rows, (weights.Gate, _work.Gate), (up, _work.Up));
        else
            _product.Run(input, rows, (weights.Gate, _work.Gate));
        _parts = _pool.PartsFor(rows, rows * _config.InnerLength * 16L);
        _pool.Run(_parts, _activate);
        _product.Run(_work.Inner, rows, (weights.Down, output));
    }

    private void Activate(int part, int worker)
    {
        var (first, last) = MatrixProduct.Share(_rows, part, _parts);
        for (var row = first; row < last; row++)
        {
            if (_weights.GateBias is { } bias)
                _kernels.Add(_work.Gate.Of(row), bias);
            if (_weights.Up is null)
                _kernels.Gelu(_work.Gate.Of(row));
            else if (_config.Architecture.Activation == Activation.Gelu)
                _kernels.GeGlu(_work.Gate.Of(row), _work.Up.Of(row));
            else
                _kernels.SwiGlu(_work.Gate.Of(row), _work.Up.Of(row));
            if (_weights.Down.TakesQuantized)
                _work.Inner.Quantize(_kernels, row);
        }
    }
}
