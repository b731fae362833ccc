using Flotilla.Engine.Gguf;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Tensors;

/// <summary>The types of the file that the engine has products for.</summary>
internal static class WeightFormats
{
    private static readonly Dictionary<TensorType, Func<int, int, WeightMatrix>> s_makers = new(
    [
        Floats<F32>(), Floats<F16>(), Floats<BF16>(),
        Blocks<Q8_0>(), Blocks<Q4_0>(), Blocks<Q4_1>(), Blocks<Q5_0>(), Blocks<Q5_1>(),
        Blocks<Q2_K>(), Blocks<Q3_K>(), Blocks<Q4_K>(), Blocks<Q5_K>(), Blocks<Q6_K>(),
        Blocks<IQ4_NL>(), Blocks<IQ4_XS>(), Blocks<MXFP4>(),
    ]);

    /// <summary>Their names, for a message.</summary>
    public static string Names { get; } = string.Join(", ", s_makers.Keys);

    /// <summary>Whether <see cref="Create"/> has the type.</summary>
    public static bool Has(TensorType type) => s_makers.ContainsKey(type);

    /// <summary>An empty matrix; a row of it is a whole number of the type's blocks.</summary>
    /// <exception cref="OverflowException">It would take more than 2 GiB packed.</exception>
    public static WeightMatrix Create(TensorType type, int rows, int columns) => s_makers[type](rows, columns);

    private static KeyValuePair<TensorType, Func<int, int, WeightMatrix>> Floats<TFormat>()
        where TFormat : struct, IFloatFormat => new(TFormat.Type, (rows, columns) => new FloatMatrix<TFormat>(rows, columns));

    private static KeyValuePair<TensorType, Func<int, int, WeightMatrix>> Blocks<TFormat>()
        where TFormat : struct, IBlockFormat => new(TFormat.Type, (rows, columns) => new BlockMatrix<TFormat>(rows, columns));
}
