using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Threads;

namespace Flotilla.Engine.Models;

/// <summary>
/// The layers [first, last) of a model with their keys and values. Hidden states come in and leave as floats, so a model cut
/// anywhere computes what the whole one does, bit for bit.
/// </summary>
internal sealed class Stage
{
    private readonly int _index;
    private readonly int _firstLayer;
    private readonly ModelConfig _config;
    private readonly IReadOnlyList<LayerWeights> _layers;
    private readonly KernelSet _kernels;
    private readonly ComputePool _pool;
    private readonly Workspace _work;
    private readonly MatrixProduct _product;
    private readonly FeedForwardPass _feedForward;
    private readonly ExpertPass? _experts;
    private readonly Action<int, int> _beginAttention;
    private readonly Action<int, int> _store;
    private readonly Action<int, int> _attend;
    private readonly Action<int, int> _beginFeedForward;
    private readonly Action<int, int> _endLayer;
    private StepBatch _batch = null!;
    private LayerWeights _layer = null!;
    private int _layerIndex;
    private bool _isLocal;
    private int _parts;

    public Stage(int index, int firstLayer, ModelConfig config, IReadOnlyList<LayerWeights> layers, KernelSet kernels, ComputePool pool, Workspace work)
    {
        (_index, _firstLayer, _config, _layers, _kernels, _pool, _work) = (index, firstLayer, config, layers, kernels, pool, work);
        _product = new MatrixProduct(kernels, pool);
        (_beginAttention, _store, _attend) = (PerToken(BeginAttention), PerToken(Store), Attend);
        (_beginFeedForward, _endLayer) = (PerToken(BeginFeedForward), PerToken(EndLayer));
        _feedForward = new FeedForwardPass(config, kernels, pool, work);
        _experts = config.Experts > 0 ? new ExpertPass(config, kernels, pool, work, _feedForward, work.TokensMax) : null;
    }

    /// <summary>Floats of keys, and again of values, in a block of 16 positions.</summary>
    public int BlockLength => BlockLengthOf(_config, _layers.Count);

    /// <summary>An encoder computes whole texts layer by layer, so one layer's keys and values are all that it needs at a time.</summary>
    public static int BlockLengthOf(ModelConfig config, int layers) => checked((config.Architecture.IsEncoder ? 1 : layers) * config.KvLength * KvBlock.Positions);

    /// <summary>Takes the hidden states of a batch through all layers.</summary>
    public void Forward(StepBatch batch)
    {
        _batch = batch;
        for (_layerIndex = 0; _layerIndex < _layers.Count; _layerIndex++)
        {
            _layer = _layers[_layerIndex];
            _isLocal = _config.IsLocal(_firstLayer + _layerIndex);
            RunPerToken(_beginAttention, _config.Width * 8L);
            _product.Run(_work.Normed, batch.Count, (_layer.Query, _work.Query), (_layer.Key, _work.Key), (_layer.Value, _work.Value));
            RunPerToken(_store, (_config.QueryLength + _config.KvLength) * 8L);
            RunAttention();
            _product.Run(_work.Attended, batch.Count, (_layer.AttentionOutput, _work.Addend));
            RunPerToken(_beginFeedForward, _config.Width * 8L);
            if (_layer.Experts is { } experts)
                _experts!.Run(experts, batch.Count);
            else
                _feedForward.Run(_layer.FeedForward!, _work.Normed, batch.Count, _work.Addend);
            RunPerToken(_endLayer, _config.Width * 2L);
        }
    }

    private void BeginAttention(int token) =>
        Normalize(token, _layer.AttentionNorm, _layer.Query.TakesQuantized || _layer.Key.TakesQuantized || _layer.Value.TakesQuantized);

    private void BeginFeedForward(int token)
    {
        AddTo(token, _layer.AttentionOutputBias, _layer.AfterAttentionNorm, _layer.AttendedNorm);
        Normalize(token, _layer.FeedForwardNorm, _layer.FeedForward?.TakesQuantized ?? _layer.Experts!.TakesQuantized);
    }

    private void EndLayer(int token) => AddTo(token, _layer.FeedForwardOutputBias, _layer.AfterFeedForwardNorm, _layer.LayerNorm);

    /// <summary>Adds what a half of the layer has computed to the hidden state.</summary>
    private void AddTo(int token, float[]? bias, float[]? norm, CentredNorm? sumNorm)
    {
        var addend = Biased(_work.Addend.Of(token), bias);
        var hidden = _work.Hidden.Of(token);
        if (norm is not null)
            _kernels.RmsNorm(addend, norm, _config.Epsilon, addend);
        if (_config.ResidualScale != 1)
            _kernels.Scale(addend, _config.ResidualScale);
        _kernels.Add(hidden, addend);
        if (sumNorm is not null)
            _kernels.CentredNorm(hidden, sumNorm.Scale, sumNorm.Shift, _config.Epsilon, hidden);
    }

    /// <summary>Makes the input of a half of the layer: the hidden state, normalised unless that has been done behind the half before.</summary>
    private void Normalize(int token, float[]? weight, bool quantize)
    {
        if (weight is null)
            _work.Hidden.Of(token).CopyTo(_work.Normed.Of(token));
        else
            _kernels.RmsNorm(_work.Hidden.Of(token), weight, _config.Epsilon, _work.Normed.Of(token));
        if (quantize)
            _work.Normed.Quantize(_kernels, token);
    }

    /// <summary>Normalises and turns queries and keys, and puts keys and values where attention finds them.</summary>
    private void Store(int token)
    {
        var angles = _config.RotaryLength / 2;
        var (cosines, sines) = _isLocal && _work.LocalCos.Length > 0 ? (_work.LocalCos, _work.LocalSin) : (_work.Cos, _work.Sin);
        var cos = cosines.AsSpan(token * angles, angles);
        var sin = sines.AsSpan(token * angles, angles);
        var query = Biased(_work.Query.Of(token), _layer.QueryBias);
        var key = Biased(_work.Key.Of(token), _layer.KeyBias);
        var value = Biased(_work.Value.Of(token), _layer.ValueBias);
        for (var head = 0; head < _config.Heads; head++)
            Turn(query.Slice(head * _config.HeadLength, _config.HeadLength), _layer.QueryNorm, cos, sin);
        var position = _batch.Positions[token];
        var block = _batch.CacheOf(token).Blocks(_index)[position / KvBlock.Positions];
        var slot = position % KvBlock.Positions;
        for (var head = 0; head < _config.KvHeads; head++)
        {
            var part = key.Slice(head * _config.HeadLength, _config.HeadLength);
            Turn(part, _layer.KeyNorm, cos, sin);
            var area = HeadOffset(head);
            var keys = block.Keys.Slice(area, _config.HeadLength * KvBlock.Positions);
            for (var element = 0; element < part.Length; element++)
                keys[(element * KvBlock.Positions) + slot] = part[element];
            value.Slice(head * _config.HeadLength, _config.HeadLength).CopyTo(block.Values.Span[(area + (slot * _config.HeadLength))..]);
        }
    }

    private Span<float> Biased(Span<float> values, float[]? bias)
    {
        if (bias is not null)
            _kernels.Add(values, bias);
        return values;
    }

    private void Turn(Span<float> head, float[]? norm, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        if (norm is not null)
            _kernels.RmsNorm(head, norm, _config.Epsilon, head);
        _kernels.Rotate(head, cos, sin);
    }

    private int HeadOffset(int head) => (((_config.Architecture.IsEncoder ? 0 : _layerIndex) * _config.KvHeads) + head) * _config.HeadLength * KvBlock.Positions;

    private void RunAttention()
    {
        var cost = 0L;
        foreach (var seen in _batch.Seen)
            cost += 2L * seen * _config.QueryLength;
        var units = _batch.Count * _config.Heads;
        _parts = _pool.PartsFor(units, cost);
        _pool.Run(_parts, _attend);
        if (_layer.AttentionOutput.TakesQuantized)
        {
            for (var token = 0; token < _batch.Count; token++)
                _work.Attended.Quantize(_kernels, token);
        }
    }

    private void Attend(int part, int worker)
    {
        var (first, last) = MatrixProduct.Share(_batch.Count * _config.Heads, part, _parts);
        for (var unit = first; unit < last; unit++)
        {
            var (token, head) = (unit / _config.Heads, unit % _config.Heads);
            // Whole blocks before the window are left out; they would add zeros.
            var before = _isLocal ? Math.Max(0, _batch.Seen[token] - _config.Window) : 0;
            var skipped = before / KvBlock.Positions;
            var positions = _batch.Seen[token] - (skipped * KvBlock.Positions);
            var at = head * _config.HeadLength;
            _kernels.Attend(
                _batch.CacheOf(token).Blocks(_index)[skipped..],
                HeadOffset(head / (_config.Heads / _config.KvHeads)),
                before - (skipped * KvBlock.Positions),
                positions,
                _work.Query.Of(token).Slice(at, _config.HeadLength),
                _config.ScoreScale,
                _config.ScoreCap,
                _work.Scores(worker, positions),
                _work.Attended.Of(token).Slice(at, _config.HeadLength));
        }
    }

    private void RunPerToken(Action<int, int> work, long costPerToken)
    {
        _parts = _pool.PartsFor(_batch.Count, _batch.Count * costPerToken);
        _pool.Run(_parts, work);
    }

    private Action<int, int> PerToken(Action<int> work) => (part, _) =>
    {
        var (first, last) = MatrixProduct.Share(_batch.Count, part, _parts);
        for (var token = first; token < last; token++)
            work(token);
    };
}
