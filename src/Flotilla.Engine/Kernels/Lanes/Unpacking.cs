using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>
/// Codes to bytes, 32 at a time at every width: processors that have 512 bits do no more bytes in a cycle with them here, and
/// .NET makes two halves of each step where 128 bits are the most.
/// </summary>
internal static unsafe class Unpacking
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat
    {
        for (var end = codes + LaneConstants.PlaneBytes; codes < end; codes += Vector256<byte>.Count)
        {
            Eighth<TFormat>(codes, weights, 0);
            Eighth<TFormat>(codes, weights, 1);
            Eighth<TFormat>(codes, weights, 2);
            Eighth<TFormat>(codes, weights, 3);
            Eighth<TFormat>(codes, weights, 4);
            Eighth<TFormat>(codes, weights, 5);
            Eighth<TFormat>(codes, weights, 6);
            Eighth<TFormat>(codes, weights, 7);
            weights += Vector256<byte>.Count;
        }
    }

    /// <summary>32 bytes of the index-th 64; a constant index makes every shift one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eighth<TFormat>(byte* codes, sbyte* weights, int index)
        where TFormat : struct, IBlockFormat
    {
        var code = Plane(codes, TFormat.LowBits, index);
        if (TFormat.HighBits > 0)
        {
            var high = Plane(codes + (LaneConstants.PlaneBytes * TFormat.LowBits), TFormat.HighBits, index);
            code |= Vector256.ShiftLeft(high.AsUInt16(), TFormat.LowBits).AsByte();
        }

        var integers = TFormat.HasCodebook ? LookUp(TFormat.Codebook, code)
            : TFormat.Offset == 0 ? code.AsSByte()
            : code.AsSByte() - Vector256.Create((sbyte)TFormat.Offset);
        integers.Store(weights + (LaneConstants.PlaneBytes * index));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Plane(byte* plane, int bits, int index)
    {
        var bytes = Vector256.Load(plane + (LaneConstants.PlaneBytes * (index % bits)));
        return Vector256.ShiftRightLogical(bytes.AsUInt16(), bits * (index / bits)).AsByte() & Vector256.Create((byte)((1 << bits) - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> LookUp(Vector128<sbyte> codebook, Vector256<byte> code)
    {
        var index = code.AsSByte();
        return Avx2.IsSupported
            ? Avx2.Shuffle(Vector256.Create(codebook, codebook), index)
            : Vector256.Create(Vector128.Shuffle(codebook, index.GetLower()), Vector128.Shuffle(codebook, index.GetUpper()));
    }
}
