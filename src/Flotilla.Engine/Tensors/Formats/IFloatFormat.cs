using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>A type of the file whose weights are floats, each by itself. A type parameter: the compiler makes one product of each.</summary>
internal unsafe interface IFloatFormat
{
    /// <summary>The type in the file.</summary>
    static abstract TensorType Type { get; }

    /// <summary>Bytes of a weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>One weight, widened exactly.</summary>
    static abstract float Read(ReadOnlySpan<byte> source);

    /// <summary>16 weights, widened exactly; they are finite.</summary>
    static abstract T Load<T>(byte* source)
        where T : struct, ILanes<T>;
}
