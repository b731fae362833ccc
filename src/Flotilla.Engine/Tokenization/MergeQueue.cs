using System.Buffers;

namespace Flotilla.Engine.Tokenization;

/// <summary>A min-heap of (priority, position): the lowest priority first, and among equals the leftmost. Rented memory.</summary>
internal struct MergeQueue : IDisposable
{
    private ulong[] _heap;
    private int _count;

    public MergeQueue(int capacity) => _heap = ArrayPool<ulong>.Shared.Rent(Math.Max(capacity, 16));

    public void Push(uint priority, int position)
    {
        if (_count == _heap.Length)
        {
            var grown = ArrayPool<ulong>.Shared.Rent(_heap.Length * 2);
            _heap.CopyTo(grown, 0);
            ArrayPool<ulong>.Shared.Return(_heap);
            _heap = grown;
        }
        var entry = ((ulong)priority << 32) | (uint)position;
        var at = _count++;
        while (at > 0)
        {
            var parent = (at - 1) / 4;
            if (_heap[parent] <= entry)
            {
                break;
            }
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = entry;
    }

    public bool TryPop(out uint priority, out int position)
    {
        if (_count == 0)
        {
            (priority, position) = (0, 0);
            return false;
        }
        (priority, position) = ((uint)(_heap[0] >> 32), (int)(uint)_heap[0]);
        Sink(_heap[--_count]);
        return true;
    }

    public void Clear() => _count = 0;

    public readonly void Dispose() => ArrayPool<ulong>.Shared.Return(_heap);

    private readonly void Sink(ulong entry)
    {
        var at = 0;
        while (true)
        {
            var child = at * 4 + 1;
            if (child >= _count)
            {
                break;
            }
            var last = Math.Min(child + 4, _count);
            for (var other = child + 1; other < last; other++)
            {
                if (_heap[other] < _heap[child])
                {
                    child = other;
                }
            }
            if (_heap[child] >= entry)
            {
                break;
            }
            _heap[at] = _heap[child];
            at = child;
        }
        if (_count > 0)
        {
            _heap[at] = entry;
        }
    }
}
