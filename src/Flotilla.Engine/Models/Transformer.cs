using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>
/// A decoder: tokens in, final hidden states and logits out; or an encoder, which has no logits. Nothing above this class knows how many stages there are.
/// Owned by the engine's loop.
/// </summary>
internal sealed class Transformer
{
    private readonly ModelConfig _config;
    private readonly TransformerWeights _weights;
    private readonly KernelSet _kernels;
    private readonly RotaryTable _rotary;
    private readonly RotaryTable? _localRotary;
    private readonly Workspace _work;
    private readonly Stage[] _stages;
    private readonly MatrixProduct _product;
    private readonly RankHead? _rank;
    private readonly OutputRows _logits;

    /// <param name="config">The model's shape.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="kernels">The vector width.</param>
    /// <param name="pool">Threads.</param>
    /// <param name="stages">How many stages the layers are cut into; no more than there are layers.</param>
    /// <param name="tokensMax">Tokens of a step.</param>
    /// <param name="logitRowsMax">Rows of logits that a step may ask for.</param>
    public Transformer(
        ModelConfig config, TransformerWeights weights, KernelSet kernels, ComputePool pool, int stages, int tokensMax, int logitRowsMax)
    {
        (_config, _weights, _kernels) = (config, weights, kernels);
        (_rotary, _localRotary) = (RotaryTable.Global(config, weights.RopeFactors), RotaryTable.Local(config));
        _work = new Workspace(config, tokensMax, pool.Threads);
        _product = new MatrixProduct(kernels, pool);
        _logits = new OutputRows(config.Architecture.IsEncoder ? 0 : logitRowsMax, config.Vocabulary);
        _rank = weights.Rank is { } rank ? new RankHead(config, rank, kernels, pool) : null;
        _stages = new Stage[Math.Min(stages, config.Layers)];
        for (var index = 0; index < _stages.Length; index++)
        {
            var (first, last) = MatrixProduct.Share(config.Layers, index, _stages.Length);
            _stages[index] = new Stage(index, first, config, [.. weights.Layers.Skip(first).Take(last - first)], kernels, pool, _work);
        }
    }

    /// <summary>Floats of keys in a block of 16 positions, per stage.</summary>
    public IReadOnlyList<int> KvBlockLengths => [.. _stages.Select(stage => stage.BlockLength)];

    /// <summary>Computes a step; the caches must have room for its positions.</summary>
    public void Forward(StepBatch batch)
    {
        _work.Fit(batch.Count);
        var angles = _rotary.Length;
        for (var token = 0; token < batch.Count; token++)
        {
            _weights.Embedding.CopyRow(batch.Tokens[token], _work.Hidden.Of(token));
            if (_config.EmbeddingScale != 1)
                _kernels.Scale(_work.Hidden.Of(token), _config.EmbeddingScale);
            if (_weights.Encoder is { } encoder)
                Begin(encoder, batch, token);
            _localRotary?.Fill(batch.Positions[token], _work.LocalCos.AsSpan(token * angles, angles), _work.LocalSin.AsSpan(token * angles, angles));
            _rotary.Fill(batch.Positions[token], _work.Cos.AsSpan(token * angles, angles), _work.Sin.AsSpan(token * angles, angles));
        }

        foreach (var stage in _stages)
            stage.Forward(batch);

        for (var row = 0; row < batch.Outputs.Count; row++)
        {
            var hidden = _work.Hidden.Of(batch.Outputs[row]);
            if (_weights.OutputNorm is { } norm)
                _kernels.RmsNorm(hidden, norm, _config.Epsilon, _work.Final.Of(row));
            else
                hidden.CopyTo(_work.Final.Of(row));
            if (row < batch.LogitCount && _weights.Output.TakesQuantized)
                _work.Final.Quantize(_kernels, row);
        }

        if (batch.LogitCount > 0)
            _product.Run(_work.Final, batch.LogitCount, (_weights.Output, _logits));
        for (var row = 0; row < batch.LogitCount; row++)
        {
            if (_config.LogitScale != 1)
                _kernels.Scale(_logits.Of(row), _config.LogitScale);
            if (_config.LogitCap > 0)
                _kernels.Cap(_logits.Of(row), _config.LogitCap);
        }
    }

    /// <summary>Nothing is to be computed for now: gives up what long texts took, and the results of the last step with it.</summary>
    public void Rest()
    {
        // The collector runs when something is allocated, and whoever sleeps allocates nothing.
        if (_work.Release())
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }

    /// <summary>The numbers that the head which judges pairs gives for a final hidden state: (labels).</summary>
    /// <exception cref="InvalidOperationException">The model has no such head.</exception>
    public ReadOnlySpan<float> Judge(ReadOnlySpan<float> hidden) => (_rank ?? throw new InvalidOperationException("The model judges no pairs.")).Run(hidden);

    private void Begin(EncoderWeights encoder, StepBatch batch, int token)
    {
        var hidden = _work.Hidden.Of(token);
        var addend = _work.Addend.Of(token);
        if (encoder.Types is { } types)
        {
            types.CopyRow(batch.Types[token], addend);
            _kernels.Add(hidden, addend);
        }

        if (encoder.Positions is { } positions)
        {
            positions.CopyRow(batch.Positions[token], addend);
            _kernels.Add(hidden, addend);
        }

        _kernels.CentredNorm(hidden, encoder.Norm.Scale, encoder.Norm.Shift, _config.Epsilon, hidden);
    }

    /// <summary>The normalised hidden state after the last layer, of a row that the last step was asked for: (width).</summary>
    public ReadOnlySpan<float> Hidden(int row) => _work.Final.Of(row);

    /// <summary>The logits of a row that the last step was asked for: (vocabulary).</summary>
    public ReadOnlySpan<float> Logits(int row) => _logits.Of(row);
}
