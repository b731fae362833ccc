using System.Buffers.Binary;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>Products from a file's bytes to the outputs, for every type, at every width, for every tiling of tokens and rows.</summary>
public sealed class MatrixProductTests
{
    public static MatrixTheoryData<KernelWidth, WeightType> WidthsAndTypes => new(KernelTests.Supported(), Enum.GetValues<WeightType>());

    public static TheoryData<WeightType> Types => [.. Enum.GetValues<WeightType>()];

    [Theory]
    [MemberData(nameof(WidthsAndTypes))]
    public void Multiply_is_the_oracles(KernelWidth width, WeightType type) => KernelTests.ForRandom(width, (kernels, random) =>
    {
        var blocks = WeightEncoder.BlockOf(type).Columns switch { 1 => random.Next(1, 70), 32 => random.Next(1, 7), _ => random.Next(1, 3) };
        var rows = new RandomRows(type, random.Next(1, 40), blocks, random);
        var tokens = random.Next(1, 22);
        var input = Input(random, tokens, rows.Matrix.Columns);
        for (var token = 0; rows.Matrix.TakesQuantized && token < tokens; token++)
            input.Quantize(kernels, token);
        var output = Multiply(kernels, rows.Matrix, input, tokens, random);
        for (var row = 0; row < rows.Matrix.Rows; row++)
        {
            var expected = Products(type, rows.Row(row), input, tokens);
            KernelTests.Same(expected, [.. Enumerable.Range(0, tokens).Select(token => output.Of(token)[row])]);
        }
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void CopyRow_is_the_oracles(WeightType type) => KernelTests.ForRandom(KernelWidth.Scalar, (_, random) =>
    {
        var rows = new RandomRows(type, random.Next(1, 40), WeightEncoder.BlockOf(type).Columns == 1 ? 48 : 2, random);
        var copy = new float[rows.Matrix.Columns];
        for (var row = 0; row < rows.Matrix.Rows; row++)
        {
            rows.Matrix.CopyRow(row, copy);
            KernelTests.Same(Weights(type, rows.Row(row)), copy);
        }
    });

    /// <summary>What is quantised for the tests' models is near what it came from: encoder and oracle were written apart.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Encode_is_undone_by_the_oracle(WeightType type)
    {
        var random = new RandomValues(1);
        var values = Enumerable.Range(0, 1024).Select(_ => random.Unit()).ToArray();
        var back = Weights(type, WeightEncoder.Encode(values, type));
        var error = Math.Sqrt(values.Zip(back, (value, other) => Math.Pow(value - other, 2)).Sum() / values.Sum(value => value * value));
        var bound = type switch
        {
            WeightType.F32 => 0,
            WeightType.F16 or WeightType.BF16 => 0.003,
            WeightType.Q8_0 or WeightType.Q6_K => 0.025,
            WeightType.Q2_K => 0.4,
            WeightType.Q3_K => 0.22,
            _ => 0.13,
        };
        Assert.InRange(error, 0, bound);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void BlockOf_is_the_same_in_tests_and_engine(WeightType type)
    {
        Assert.True(WeightFormats.Has((TensorType)type));
        Assert.Equal(type.ToString(), ((TensorType)type).ToString());
        Assert.Equal(WeightEncoder.BlockOf(type), TensorTypes.BlockOf((TensorType)type));
    }

    [Fact]
    public void Multiply_input_of_another_length_is_refused()
    {
        var matrix = WeightFormats.Create(TensorType.F32, 16, 32);
        var (input, output) = (new Activations(2, 16), new OutputRows(2, 16));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), input, 2, output, 0, 1));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), new Activations(1, 32), 2, output, 0, 1));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), new Activations(2, 32), 2, output, 0, 2));
    }

    private static float[] Products(WeightType type, ReadOnlySpan<byte> row, Activations input, int tokens)
    {
        if (WeightEncoder.BlockOf(type).Columns == 1)
        {
            var weights = Weights(type, row);
            return [.. Enumerable.Range(0, tokens).Select(token => Oracle.Dot(weights, input.Of(token)))];
        }

        var blocks = new BlockOracle(type, row);
        return
        [
            .. Enumerable.Range(0, tokens).Select(token =>
            {
                var (quantized, scales, sums) = Oracle.Quantize(input.Of(token).ToArray());
                return blocks.Dot(scales, sums, quantized);
            }),
        ];
    }

    private static float[] Weights(WeightType type, ReadOnlySpan<byte> row)
    {
        if (WeightEncoder.BlockOf(type) is not (1, var bytes))
            return new BlockOracle(type, row).Weights();
        var weights = new float[row.Length / bytes];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = type switch
            {
                WeightType.F32 => BinaryPrimitives.ReadSingleLittleEndian(row[(i * 4)..]),
                WeightType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(row[(i * 2)..]),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(row[(i * 2)..]) << 16),
            };
        }

        return weights;
    }

    /// <summary>In two shares, as two threads would.</summary>
    private static OutputRows Multiply(KernelSet kernels, WeightMatrix matrix, Activations input, int tokens, RandomValues random)
    {
        var output = new OutputRows(tokens, matrix.Rows);
        var cut = random.Next(0, matrix.Groups + 1);
        matrix.Multiply(kernels, input, tokens, output, cut, matrix.Groups);
        matrix.Multiply(kernels, input, tokens, output, 0, cut);
        return output;
    }

    private static Activations Input(RandomValues random, int tokens, int columns)
    {
        var input = new Activations(tokens, columns);
        for (var token = 0; token < tokens; token++)
            random.Floats(columns, hostile: true).CopyTo(input.Of(token));
        return input;
    }
}
