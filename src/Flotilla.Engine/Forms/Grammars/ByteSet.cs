using System.Numerics;

namespace Flotilla.Engine.Forms.Grammars;

/// <summary>A set of byte values: 256 bits.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    public static ByteSet All { get; } = new(~0UL, ~0UL, ~0UL, ~0UL);

    public bool IsEmpty => (A | B | C | D) == 0;

    public static ByteSet operator |(ByteSet x, ByteSet y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    public static ByteSet operator &(ByteSet x, ByteSet y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    public static ByteSet operator ~(ByteSet x) => new(~x.A, ~x.B, ~x.C, ~x.D);

    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>The values from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public static ByteSet Range(int first, int last) => new(Word(first, last, 0), Word(first, last, 64), Word(first, last, 128), Word(first, last, 192));

    public bool Contains(byte value) => ((value >> 6) switch { 0 => A, 1 => B, 2 => C, _ => D } >> (value & 63) & 1) != 0;

    /// <summary>The least value of a set that is not empty.</summary>
    public byte First() =>
        A != 0 ? (byte)BitOperations.TrailingZeroCount(A)
        : B != 0 ? (byte)(64 + BitOperations.TrailingZeroCount(B))
        : C != 0 ? (byte)(128 + BitOperations.TrailingZeroCount(C))
        : (byte)(192 + BitOperations.TrailingZeroCount(D));

    private static ulong Word(int first, int last, int start)
    {
        var (from, to) = (Math.Max(first - start, 0), Math.Min(last - start, 63));
        return from > to ? 0 : ulong.MaxValue >> (63 - (to - from)) << from;
    }
}
