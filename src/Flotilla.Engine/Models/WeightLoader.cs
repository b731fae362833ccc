using System.Buffers.Binary;
using System.Globalization;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Models;

/// <summary>
/// Reads the tensors in the order in which they lie in the files. A tensor that the architecture does not know is refused:
/// leaving out a bias would give fluent nonsense.
/// </summary>
internal sealed class WeightLoader(IReadOnlyList<GgufPart> parts, ModelConfig config)
{
    private readonly Dictionary<string, WeightMatrix> _matrices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorShape> _shapes = TensorShape.Of(config);
    private readonly MatrixLoader _loader = new(config.HeadLength);

    private IEnumerable<TensorInfo> Tensors => parts.SelectMany(part => part.File.Tensors);

    public TransformerWeights Load()
    {
        CheckAll();
        foreach (var part in parts)
        {
            foreach (var tensor in part.File.Tensors)
                Load(part.Source, tensor, _shapes[tensor.Name]);
        }

        var embedding = _matrices["token_embd.weight"];
        return new TransformerWeights
        {
            Embedding = embedding,
            Layers = [.. Enumerable.Range(0, config.Layers).Select(Layer)],
            OutputNorm = _vectors.GetValueOrDefault("output_norm.weight"),
            Encoder = config.Architecture.IsEncoder
                ? new EncoderWeights(_matrices.GetValueOrDefault("token_types.weight"), _matrices.GetValueOrDefault("position_embd.weight"), Norm("token_embd_norm")!)
                : null,
            Rank = config.Pooling == Pooling.Rank ? Rank() : null,
            Output = _matrices.GetValueOrDefault("output.weight", embedding),
            RopeFactors = _vectors.GetValueOrDefault("rope_freqs.weight") ?? _vectors.GetValueOrDefault("rope_factors_short.weight"),
            ParameterCount = Tensors.Sum(tensor => tensor.Elements),
            TokenBytes = Tensors.Sum(TokenBytes),
        };
    }

    private long TokenBytes(TensorInfo tensor) => tensor.Name switch
    {
        "token_embd.weight" when config.Architecture.IsEncoder || _matrices.ContainsKey("output.weight") => 0,
        "token_types.weight" or "position_embd.weight" => 0,
        var name when name.EndsWith(TensorShape.ExpertsEnd, StringComparison.Ordinal) => tensor.Bytes / config.Experts * config.ExpertsUsed,
        _ => tensor.Bytes,
    };

    /// <summary>Checks names, shapes and types of all tensors before memory is spent on the first.</summary>
    private void CheckAll()
    {
        foreach (var tensor in Tensors)
        {
            if (!_shapes.TryGetValue(tensor.Name, out var shape))
                throw new ModelNotSupportedException($"tensor {tensor.Name}, which architecture {config.Architecture.Name} of this engine does not use");
            if (tensor.Rows != shape.Rows || tensor.Columns != shape.Columns)
            {
                throw new GgufException(
                    GgufError.ShapeMismatch,
                    $"{tensor.Name} has {tensor.Rows} rows of {tensor.Columns}; the hyper-parameters ask for {shape.Rows} of {shape.Columns}.");
            }

            if (shape.IsVector && tensor.Type != TensorType.F32)
                throw new ModelNotSupportedException($"{tensor.Name} of type {tensor.Type}; this engine has vectors of type {TensorType.F32}");
            if (!WeightFormats.Has(tensor.Type))
                throw new ModelNotSupportedException($"{tensor.Name} of type {tensor.Type}; this engine has {WeightFormats.Names}");
            if (tensor.Bytes > EngineLimits.TensorBytesMax)
                throw new ModelNotSupportedException($"{tensor.Name} of {tensor.Bytes} bytes; the limit is {EngineLimits.TensorBytesMax}");
        }

        var present = Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        if (_shapes.FirstOrDefault(pair => !pair.Value.IsOptional && !present.Contains(pair.Key)).Key is { } missing)
            throw new GgufException(GgufError.MissingTensor, $"The tensor {missing} is missing.");
    }

    private void Load(GgufSource source, TensorInfo tensor, TensorShape shape)
    {
        source.SkipTo(tensor.Offset);
        try
        {
            if (shape.IsVector)
                _vectors[tensor.Name] = LoadVector(source, (int)tensor.Columns);
            else
            {
                foreach (var (name, rows) in shape.Parts ?? [(tensor.Name, shape.Rows)])
                    _matrices[name] = _loader.Load(source, tensor, rows, shape.PairedRows);
            }
        }
        catch (GgufException exception) when (exception.Error == GgufError.NotFinite)
        {
            throw new GgufException(exception.Error, $"{tensor.Name}: {exception.Message}", exception);
        }
        catch (OverflowException exception)
        {
            throw new ModelNotSupportedException($"{tensor.Name} of {tensor.Rows} rows of {tensor.Columns}, too large once packed ({exception.Message})");
        }
    }

    private static float[] LoadVector(GgufSource source, int length)
    {
        var bytes = new byte[length * sizeof(float)];
        source.Read(bytes);
        var values = new float[length];
        for (var index = 0; index < length; index++)
        {
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(index * sizeof(float)));
            if (!float.IsFinite(values[index]))
                throw new GgufException(GgufError.NotFinite, $"Weight {index} is {values[index]}.");
        }

        return values;
    }

    private LayerWeights Layer(int index)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"blk.{index}.");
        return new LayerWeights
        {
            AttentionNorm = _vectors.GetValueOrDefault(prefix + "attn_norm.weight"),
            Query = _matrices[prefix + "attn_q.weight"],
            Key = _matrices[prefix + "attn_k.weight"],
            Value = _matrices[prefix + "attn_v.weight"],
            AttentionOutput = _matrices[prefix + "attn_output.weight"],
            QueryNorm = _vectors.GetValueOrDefault(prefix + "attn_q_norm.weight"),
            KeyNorm = _vectors.GetValueOrDefault(prefix + "attn_k_norm.weight"),
            QueryBias = _vectors.GetValueOrDefault(prefix + "attn_q.bias"),
            KeyBias = _vectors.GetValueOrDefault(prefix + "attn_k.bias"),
            ValueBias = _vectors.GetValueOrDefault(prefix + "attn_v.bias"),
            AfterAttentionNorm = _vectors.GetValueOrDefault(prefix + "post_attention_norm.weight"),
            AfterFeedForwardNorm = _vectors.GetValueOrDefault(prefix + "post_ffw_norm.weight"),
            FeedForwardNorm = _vectors.GetValueOrDefault(prefix + "ffn_norm.weight"),
            AttentionOutputBias = _vectors.GetValueOrDefault(prefix + "attn_output.bias"),
            AttendedNorm = Norm(prefix + "attn_output_norm"),
            LayerNorm = Norm(prefix + "layer_output_norm"),
            FeedForwardOutputBias = _vectors.GetValueOrDefault(prefix + "ffn_down.bias"),
            FeedForward = config.Experts > 0 ? null : FeedForward(prefix, ".weight"),
            Experts = config.Experts == 0
                ? null
                : new ExpertWeights(
                    _matrices[prefix + "ffn_gate_inp.weight"], [.. Enumerable.Range(0, config.Experts).Select(expert => FeedForward(prefix, TensorShape.OfExpert(expert)))]),
        };
    }

    private FeedForwardWeights FeedForward(string prefix, string end) => config.Architecture.IsUngated
        ? new(_matrices[prefix + "ffn_up" + end], null, _matrices[prefix + "ffn_down" + end], _vectors.GetValueOrDefault(prefix + "ffn_up.bias"))
        : new(_matrices[prefix + "ffn_gate" + end], _matrices[prefix + "ffn_up" + end], _matrices[prefix + "ffn_down" + end]);

    private CentredNorm? Norm(string name) =>
        _vectors.TryGetValue(name + ".weight", out var scale) && _vectors.TryGetValue(name + ".bias", out var shift) ? new(scale, shift) : null;

    private RankWeights Rank()
    {
        var (dense, output) = (_matrices.GetValueOrDefault("cls.weight"), _matrices.GetValueOrDefault("cls.output.weight"));
        if (dense is null && output is null)
            throw new GgufException(GgufError.MissingTensor, "The tensors cls.weight and cls.output.weight are missing, and the model is to judge pairs.");
        return output is null && config.Labels > config.Width
            ? throw new GgufException(
                GgufError.BadParameter,
                $"{config.Architecture.Name}.classifier.output_labels has {config.Labels} elements; without cls.output.weight they come from a state of {config.Width} values.")
            : new(dense, _vectors.GetValueOrDefault("cls.bias"), output, _vectors.GetValueOrDefault("cls.output.bias"));
    }
}
