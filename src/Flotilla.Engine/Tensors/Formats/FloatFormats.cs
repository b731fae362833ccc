using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels.Lanes;

namespace Flotilla.Engine.Tensors.Formats;

/// <summary>Single precision.</summary>
internal readonly unsafe struct F32 : IFloatFormat
{
    public static TensorType Type => TensorType.F32;

    public static int Bytes => sizeof(float);

    public static float Read(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadSingleLittleEndian(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.Load((float*)source);
}

/// <summary>IEEE 754 half precision.</summary>
internal readonly unsafe struct F16 : IFloatFormat
{
    public static TensorType Type => TensorType.F16;

    public static int Bytes => sizeof(ushort);

    public static float Read(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.LoadHalf((ushort*)source);
}

/// <summary>The upper half of single precision.</summary>
internal readonly unsafe struct BF16 : IFloatFormat
{
    public static TensorType Type => TensorType.BF16;

    public static int Bytes => sizeof(ushort);

    public static float Read(ReadOnlySpan<byte> source) =>
        BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(source) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* source)
        where T : struct, ILanes<T> => T.LoadBrain((ushort*)source);
}
