using System.Buffers.Binary;
using System.Runtime.InteropServices;
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

    public static TheoryData<KernelWidth> Widths => [.. KernelTests.Supported()];

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

    /// <summary>A model takes the memory of its file, about: what the kernels read is not much wider than what the file has.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Create_takes_about_the_bytes_of_the_file(WeightType type)
    {
        const int Rows = 512, Columns = 1024;
        var (columns, bytes) = WeightEncoder.BlockOf(type);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matrix = WeightFormats.Create((TensorType)type, Rows, Columns);
        var taken = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Rows * Columns / columns * bytes);
        // The file packs two factors into a byte, or has an exponent for a scale.
        Assert.InRange(taken, 1, type switch { WeightType.Q2_K => 1.2, WeightType.MXFP4 => 1.07, _ => 1.04 });
        GC.KeepAlive(matrix);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Multiply_widens_every_half_exactly(KernelWidth width)
    {
        ushort[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits).Where(bits => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))];
        var matrix = WeightFormats.Create(TensorType.F16, halves.Length, 1);
        for (var group = 0; group < matrix.Groups; group++)
            matrix.Pack(group, RowGroups.Rows, MemoryMarshal.AsBytes(halves.AsSpan(group * RowGroups.Rows, RowGroups.Rows)));
        var (input, output) = (new Activations(1, 1), new OutputRows(1, halves.Length));
        input.Of(0)[0] = 1;
        matrix.Multiply(KernelSet.For(width), input, 1, output, 0, matrix.Groups);
        // The sum begins with +0.
        KernelTests.Same([.. halves.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits) + 0f)], output.Of(0));
    }

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
