using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>Judges a pair by the final hidden state that stands for both: a product through tanh and one with a row for each label, or one of them.</summary>
internal sealed class RankHead(ModelConfig config, RankWeights weights, KernelSet kernels, ComputePool pool)
{
    private readonly MatrixProduct _product = new(kernels, pool);
    private readonly Activations _input = new(1, config.Width);
    private readonly OutputRows _dense = new(1, config.Width);
    private readonly OutputRows _labels = new(1, config.Labels);

    /// <summary>The numbers of the labels.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> hidden)
    {
        if (weights.Dense is { } dense)
        {
            Multiply(dense, hidden, _dense);
            if (weights.DenseBias is { } bias)
                kernels.Add(_dense.Of(0), bias);
            // The cap is a hyperbolic tangent.
            kernels.Cap(_dense.Of(0), 1);
            hidden = _dense.Of(0);
        }

        if (weights.Output is null)
            return hidden[..config.Labels];
        Multiply(weights.Output, hidden, _labels);
        var labels = _labels.Of(0);
        for (var label = 0; label < labels.Length; label++)
            labels[label] += weights.OutputBias?[label] ?? 0;
        return labels;
    }

    private void Multiply(WeightMatrix matrix, ReadOnlySpan<float> input, OutputRows output)
    {
        input.CopyTo(_input.Of(0));
        if (matrix.TakesQuantized)
            _input.Quantize(kernels, 0);
        _product.Run(_input, 1, (matrix, output));
    }
}
