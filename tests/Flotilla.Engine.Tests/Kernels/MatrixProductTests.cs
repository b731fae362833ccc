using System.Buffers.Binary;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Tensors;
using Xunit;

namespace Flotilla.Engine.Tests.Kernels;

/// <summary>Products from a file's bytes to the outputs, at every width, for every tiling of tokens and rows.</summary>
public sealed class MatrixProductTests
{
    public static TheoryData<KernelWidth> Widths => KernelTests.Widths;

    [Theory]
    [MemberData(nameof(Widths))]
    public void MultiplyQ8_is_the_oracles(KernelWidth width) => KernelTests.ForRandom(width, (kernels, random) =>
    {
        var (rows, blocks, tokens) = (random.Next(1, 60), random.Next(1, 7), random.Next(1, 11));
        var columns = blocks * 32;
        var bytes = new byte[rows * blocks * 34];
        for (var block = 0; block < rows * blocks; block++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(block * 34), random.Half());
            for (var i = 0; i < 32; i++)
                bytes[(block * 34) + 2 + i] = (byte)random.Byte();
        }

        var matrix = Packed(new Q8Matrix(rows, columns), bytes);
        var input = Input(random, tokens, columns);
        for (var token = 0; token < tokens; token++)
            input.Quantize(kernels, token);
        var output = Multiply(kernels, matrix, input, tokens, random);
        for (var token = 0; token < tokens; token++)
        {
            var (quantized, scales) = Oracle.Quantize(input.Of(token).ToArray());
            for (var row = 0; row < rows; row++)
            {
                var part = bytes.AsSpan(row * blocks * 34, blocks * 34);
                var expected = Oracle.Dot(Scales(part), Weights(part), scales, quantized);
                KernelTests.Same([expected], [output.Of(token)[row]]);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void MultiplyF16_is_the_oracles(KernelWidth width) => KernelTests.ForRandom(width, (kernels, random) =>
    {
        var (rows, columns, tokens) = (random.Next(1, 60), random.Next(1, 70), random.Next(1, 11));
        var weights = Enumerable.Range(0, rows * columns).Select(_ => random.Half()).ToArray();
        var bytes = new byte[weights.Length * 2];
        for (var i = 0; i < weights.Length; i++)
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(i * 2), weights[i]);
        Check(kernels, random, Packed(new F16Matrix(rows, columns), bytes), [.. weights.Select(value => (float)value)], tokens);
    });

    [Theory]
    [MemberData(nameof(Widths))]
    public void MultiplyF32_is_the_oracles(KernelWidth width) => KernelTests.ForRandom(width, (kernels, random) =>
    {
        var (rows, columns, tokens) = (random.Next(1, 60), random.Next(1, 70), random.Next(1, 11));
        var weights = random.Floats(rows * columns);
        var bytes = new byte[weights.Length * 4];
        for (var i = 0; i < weights.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), weights[i]);
        Check(kernels, random, Packed(new F32Matrix(rows, columns), bytes), weights, tokens);
    });

    [Fact]
    public void Multiply_input_of_another_length_is_refused()
    {
        var matrix = new F32Matrix(16, 32);
        var (input, output) = (new Activations(2, 16), new OutputRows(2, 16));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), input, 2, output, 0, 1));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), new Activations(1, 32), 2, output, 0, 1));
        Assert.Throws<ArgumentException>(() => matrix.Multiply(KernelSet.For(KernelWidth.Best), new Activations(2, 32), 2, output, 0, 2));
    }

    private static void Check(KernelSet kernels, RandomValues random, WeightMatrix matrix, float[] weights, int tokens)
    {
        var input = Input(random, tokens, matrix.Columns);
        var output = Multiply(kernels, matrix, input, tokens, random);
        for (var token = 0; token < tokens; token++)
        {
            for (var row = 0; row < matrix.Rows; row++)
            {
                var expected = Oracle.Dot(weights.AsSpan(row * matrix.Columns, matrix.Columns), input.Of(token));
                KernelTests.Same([expected], [output.Of(token)[row]]);
            }
        }

        var copy = new float[matrix.Columns];
        matrix.CopyRow(matrix.Rows - 1, copy);
        KernelTests.Same(weights.AsSpan((matrix.Rows - 1) * matrix.Columns, matrix.Columns), copy);
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
            random.Floats(columns).CopyTo(input.Of(token));
        return input;
    }

    private static WeightMatrix Packed(WeightMatrix matrix, byte[] bytes)
    {
        var rowBytes = bytes.Length / matrix.Rows;
        for (var group = 0; group < matrix.Groups; group++)
        {
            var count = Math.Min(RowGroups.Rows, matrix.Rows - (group * RowGroups.Rows));
            matrix.Pack(group, count, bytes.AsSpan(group * RowGroups.Rows * rowBytes, count * rowBytes));
        }

        return matrix;
    }

    private static float[] Scales(ReadOnlySpan<byte> row)
    {
        var scales = new float[row.Length / 34];
        for (var block = 0; block < scales.Length; block++)
            scales[block] = (float)BinaryPrimitives.ReadHalfLittleEndian(row[(block * 34)..]);
        return scales;
    }

    private static sbyte[] Weights(ReadOnlySpan<byte> row)
    {
        var weights = new sbyte[row.Length / 34 * 32];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (sbyte)row[(i / 32 * 34) + 2 + (i % 32)];
        return weights;
    }
}
