using Flotilla.Engine.Cache;
using Flotilla.Engine.Kernels.Lanes;
using Flotilla.Engine.Tensors;

namespace Flotilla.Engine.Kernels;

/// <summary>The kernels at the width of a lane type.</summary>
internal sealed class LaneKernels<T> : KernelSet
    where T : struct, ILanes<T>
{
    public override void RmsNorm(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, float epsilon, Span<float> output) =>
        Normalization.RmsNorm<T>(input, weight, epsilon, output);

    public override void CentredNorm(ReadOnlySpan<float> input, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, float epsilon, Span<float> output) =>
        Normalization.CentredNorm<T>(input, scale, shift, epsilon, output);

    public override float SumOfSquares(ReadOnlySpan<float> input) => Normalization.SumOfSquares<T>(input);

    public override void Quantize(Activations activations, int token) => Quantization.Quantize<T>(activations, token);

    public override void Rotate(Span<float> head, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin) => Rotation.Rotate<T>(head, cos, sin);

    public override void SwiGlu(Span<float> gate, ReadOnlySpan<float> up) => Elementwise.SwiGlu<T>(gate, up);

    public override void GeGlu(Span<float> gate, ReadOnlySpan<float> up) => Elementwise.GeGlu<T>(gate, up);

    public override void Gelu(Span<float> values) => Elementwise.Gelu<T>(values);

    public override void Scale(Span<float> values, float factor) => Elementwise.Scale<T>(values, factor);

    public override void Cap(Span<float> values, float cap) => Elementwise.Cap<T>(values, cap);

    public override void Add(Span<float> target, ReadOnlySpan<float> addend) => Elementwise.Add<T>(target, addend);

    public override float ExpSum(Span<float> values, float max) => Softmax.ExpSum<T>(values, max);

    public override float Max(ReadOnlySpan<float> values) => Softmax.Max<T>(values);

    public override bool IsFinite(ReadOnlySpan<float> values) => Finiteness.IsFinite<T>(values);

    public override void Attend(
        ReadOnlySpan<KvBlock> blocks, int offset, int first, int positions, ReadOnlySpan<float> query, float scale, float cap, Span<float> scores,
        Span<float> output) =>
        Attention.Attend<T>(blocks, offset, first, positions, query, scale, cap, scores, output);

    public override void Multiply<TFormat>(BlockMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last) =>
        BlockProduct.Multiply<T, TFormat>(matrix, input, tokens, output, first, last);

    public override void Multiply<TFormat>(FloatMatrix<TFormat> matrix, Activations input, int tokens, OutputRows output, int first, int last) =>
        FloatProduct.Multiply<T, TFormat>(matrix, input, tokens, output, first, last);
}
