using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flotilla.Engine.Tensors.Formats;

namespace Flotilla.Engine.Kernels.Lanes;

/// <summary>
/// Codes to bytes, 32 at a time: of a plane of b bits byte e is byte e % (64·b), shifted by b · (e / (64·b)). .NET makes two
/// halves of each step where 128 bits are the most.
/// </summary>
internal static unsafe class Unpacking
{
    /// <summary>The integers that indices of a codebook stand for; 64-byte registers would do no more bytes in a cycle here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TFormat>(byte* codes, sbyte* weights)
        where TFormat : struct, IBlockFormat
    {
        for (var half = 0; half < LaneConstants.QuadBytes; half += Vector256<byte>.Count)
        {
            Store<TFormat>(codes, weights, half, 0);
            Store<TFormat>(codes, weights, half, 1);
            Store<TFormat>(codes, weights, half, 2);
            Store<TFormat>(codes, weights, half, 3);
            Store<TFormat>(codes, weights, half, 4);
            Store<TFormat>(codes, weights, half, 5);
            Store<TFormat>(codes, weights, half, 6);
            Store<TFormat>(codes, weights, half, 7);
        }
    }

    /// <summary>32 bytes, from the half-th on, of the index-th 64 codes; a constant index makes every shift one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes<TFormat>(byte* codes, int half, int index)
        where TFormat : struct, IBlockFormat
    {
        var code = Plane(codes + half, TFormat.LowBits, index);
        if (TFormat.HighBits == 0)
            return code;
        var high = Plane(codes + half + (LaneConstants.PlaneBytes * TFormat.LowBits), TFormat.HighBits, index);
        return code | Vector256.ShiftLeft(high.AsUInt16(), TFormat.LowBits).AsByte();
    }

    /// <summary>The integers of 32 bytes of <see cref="Codes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TFormat>(byte* codes, sbyte* weights, int half, int index)
        where TFormat : struct, IBlockFormat =>
        LookUp(TFormat.Codebook, Codes<TFormat>(codes, half, index)).Store(weights + (LaneConstants.QuadBytes * index) + half);

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
