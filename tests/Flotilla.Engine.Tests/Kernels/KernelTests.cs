using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Xunit;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>Every kernel at every width that the processor has, against the oracle, bit for bit.</summary>
public sealed class KernelTests
{
    private const int Rounds = 60;

    public static TheoryData<KernelWidth> Widths => [.. Supported()];

    /// <summary>The widths of this processor; in a child process with vector instructions off, scalar alone.</summary>
    internal static IEnumerable<KernelWidth> Supported() =>
        Enum.GetValues<KernelWidth>().Where(width => width != KernelWidth.Best && width <= KernelSet.Best());

    [Theory]
    [MemberData(nameof(Widths))]
    public void RmsNorm_is_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var x = random.Floats(16 * random.Next(1, 20), hostile: true);
        var weight = random.Floats(x.Length);
        var y = new float[x.Length];
        kernels.RmsNorm(x, weight, 1e-6f, y);
        Same(Oracle.RmsNorm(x, weight, 1e-6f), y);
        Same([Oracle.SumOfSquares(x)], [kernels.SumOfSquares(x)]);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void CentredNorm_and_Gelu_are_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var x = random.Floats(16 * random.Next(1, 20), hostile: true);
        var (scale, shift) = (random.Floats(x.Length), random.Floats(x.Length));
        var expected = Oracle.CentredNorm(x, scale, shift, 1e-5f);
        float[] gelu = [.. x.Select(Oracle.Gelu)];
        var y = x.ToArray();
        kernels.Gelu(y);
        Same(gelu, y);
        // In place, as the hidden state is normalised.
        kernels.CentredNorm(x, scale, shift, 1e-5f, x);
        Same(expected, x);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void Quantize_is_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var x = random.Floats(32 * random.Next(1, 10), hostile: true);
        var tokens = random.Next(1, 4);
        var activations = new Activations(tokens, x.Length);
        var token = random.Next(0, tokens);
        x.CopyTo(activations.Of(token));
        kernels.Quantize(activations, token);
        var (expected, expectedScales, expectedSums) = Oracle.Quantize(x);
        var quantized = activations.Quantized.Slice(token * x.Length, x.Length).ToArray();
        Assert.Equal(expected, quantized);
        Assert.Equal(expected, activations.QuantizedBytes.Slice(token * x.Length, x.Length).ToArray().Select(value => (short)value));
        Same(expectedScales, activations.Scales.Slice(token * x.Length / 32, x.Length / 32));
        Same(expectedSums, activations.Sums.Slice(token * x.Length / 16, x.Length / 16));
        Same([.. expected.Chunk(16).Select(half => (float)half.Sum(value => value))], activations.Totals.Slice(token * x.Length / 16, x.Length / 16));
        Assert.All(quantized, value => Assert.InRange(value, (short)-127, (short)127));
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void Exponentials_are_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var x = random.Floats(16 * random.Next(1, 40), hostile: true);
        var max = kernels.Max(x);
        if (!x.Any(float.IsNaN))
            Assert.Equal(x.Max(), max);
        var (values, sum) = Oracle.ExpSum(x, max);
        Same([sum], [kernels.ExpSum(x, max)]);
        Same(values, x);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void Exponential_is_right_over_its_whole_range(KernelWidth width)
    {
        var kernels = KernelSet.For(width);
        var x = new float[16];
        for (var start = -95f; start < 95f; start += 0.37f)
        {
            for (var lane = 0; lane < 16; lane++)
                x[lane] = start + (lane * 0.023f);
            var before = x.ToArray();
            kernels.ExpSum(x, 0f);
            for (var lane = 0; lane < 16; lane++)
            {
                var truth = before[lane] < -87 ? 0 : before[lane] > 88 ? double.PositiveInfinity : Math.Exp(before[lane]);
                Assert.True(x[lane] == truth || Math.Abs(x[lane] - truth) <= truth * 1.2e-7, $"e^{before[lane]:R} = {x[lane]:R}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void SwiGlu_and_Add_are_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var gate = random.Floats(16 * random.Next(1, 20), hostile: true);
        var up = random.Floats(gate.Length, hostile: true);
        float[] expected = [.. gate.Select((value, i) => Oracle.SwiGlu(value, up[i]))];
        float[] sums = [.. expected.Select((value, i) => value + up[i])];
        kernels.SwiGlu(gate, up);
        Same(expected, gate);
        kernels.Add(gate, up);
        Same(sums, gate);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void GeGlu_is_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var gate = random.Floats(16 * random.Next(1, 20), hostile: true);
        var up = random.Floats(gate.Length, hostile: true);
        float[] expected = [.. gate.Select((value, i) => Oracle.GeGlu(value, up[i]))];
        kernels.GeGlu(gate, up);
        Same(expected, gate);
    });

    /// <summary>Of any length: logits are as many as the vocabulary has tokens.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Scale_and_Cap_are_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var values = random.Floats(random.Next(1, 200), hostile: true);
        float[] scaled = [.. values.Select(value => value * 0.37f)];
        kernels.Scale(values, 0.37f);
        Same(scaled, values);
        float[] capped = [.. values.Select(value => Oracle.Cap(value, 2.5f))];
        kernels.Cap(values, 2.5f);
        Same(capped, values);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void Rotate_is_the_oracles(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var n = random.Next(1, 70);
        var head = random.Floats((2 * n) + random.Next(0, 9));
        var (cos, sin) = (random.Floats(n), random.Floats(n));
        var expected = Oracle.Rotate(head, cos, sin);
        kernels.Rotate(head, cos, sin);
        Same(expected, head);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void IsFinite_finds_one_bad_value_anywhere(KernelWidth width) => ForRandom(width, (kernels, random) =>
    {
        var x = random.Floats(random.Next(1, 100));
        Assert.True(kernels.IsFinite(x));
        x[random.Next(0, x.Length)] = random.Next(0, 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity };
        Assert.False(kernels.IsFinite(x));
    });

    [Fact]
    public void For_width_that_the_processor_lacks_is_refused()
    {
        foreach (var width in Enum.GetValues<KernelWidth>().Except(Supported()).Where(width => width != KernelWidth.Best))
            Assert.Throws<PlatformNotSupportedException>(() => KernelSet.For(width));
        Assert.NotNull(KernelSet.For(KernelWidth.Best));
    }

    internal static void ForRandom(KernelWidth width, Action<KernelSet, RandomValues> check)
    {
        for (var seed = 0; seed < Rounds; seed++)
            check(KernelSet.For(width), new RandomValues(seed));
    }

    /// <summary>Equal bits, but any NaN is as good as another: its sign and payload differ between processors.</summary>
    internal static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i])
                && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Assert.Fail($"Element {i} of {expected.Length} is {actual[i]:R}, the oracle says {expected[i]:R}.");
            }
        }
    }
}
