using System.Runtime.CompilerServices;

namespace Flotilla.Engine.Tensors;

/// <summary>
/// Memory on a 64-byte boundary, so that no vector load crosses a cache line. A pinned array of the garbage collector: it
/// cannot be freed while anybody can still reach it, and kernels may keep its address for as long as they hold the buffer.
/// </summary>
internal sealed class AlignedBuffer<T>
    where T : unmanaged
{
    private const int Alignment = 64;

    private readonly T[] _array;
    private readonly int _offset;

    public AlignedBuffer(int length)
    {
        var size = Unsafe.SizeOf<T>();
        _array = GC.AllocateArray<T>(checked(length + (Alignment / size)), pinned: true);
        var misalignment = (int)(AddressOf(_array) % Alignment);
        _offset = misalignment == 0 ? 0 : (Alignment - misalignment) / size;
        Length = length;
    }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    public Span<T> Span => _array.AsSpan(_offset, Length);

    public Span<T> Slice(int start, int length) => Span.Slice(start, length);

    /// <summary>The address of the first element; valid while the buffer is reachable.</summary>
    public unsafe T* Pointer => (T*)AddressOf(_array) + _offset;

    private static unsafe nuint AddressOf(T[] array) => (nuint)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array));
}
