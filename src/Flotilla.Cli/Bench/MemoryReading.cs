using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flotilla.Cli.Bench;

/// <summary>
/// How fast several threads together read memory and do nothing else: what decoding one stream cannot pass, for each token takes
/// every weight from there once.
/// </summary>
/// <param name="threads">As many as the engine has.</param>
internal sealed class MemoryReading(int threads)
{
    /// <summary>More than processors keep in their caches; a quarter of the machine's memory where that is less.</summary>
    private const long BytesWanted = 512L << 20;

    /// <summary>So often all is read in one measurement, so that starting together is a small part of it.</summary>
    private const int Passes = 8;

    private readonly ulong[] _words = Words(threads);
    private ulong _sum;

    /// <summary>Bytes a second.</summary>
    public double Measure()
    {
        using var together = new Barrier(threads + 1);
        for (var index = 0; index < threads; index++)
        {
            var part = _words.AsMemory(index * (_words.Length / threads), _words.Length / threads);
            new Thread(() => Read(part, together)) { IsBackground = true }.Start();
        }

        together.SignalAndWait();
        var begun = Stopwatch.GetTimestamp();
        together.SignalAndWait();
        return (double)Passes * _words.Length * sizeof(ulong) / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static ulong[] Words(int threads)
    {
        var bytes = Math.Min(BytesWanted, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        var words = new ulong[bytes / sizeof(ulong) / threads * threads];
        // Pages that nothing was written to would all be read from the same one.
        words.AsSpan().Fill(1);
        return words;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(Memory<ulong> part, Barrier together)
    {
        together.SignalAndWait();
        var sum = Vector<ulong>.Zero;
        for (var pass = 0; pass < Passes; pass++)
            sum += Sum(MemoryMarshal.Cast<ulong, Vector<ulong>>(part.Span));
        together.SignalAndWait();
        // Used, or the compiler could leave the reading out.
        Interlocked.Add(ref _sum, Vector.Sum(sum));
    }

    /// <summary>Four sums, so that no load waits for an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector<ulong> Sum(ReadOnlySpan<Vector<ulong>> words)
    {
        var (a, b, c, d) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        for (; words.Length >= 4; words = words[4..])
        {
            a += words[0];
            b += words[1];
            c += words[2];
            d += words[3];
        }

        return (a + b) + (c + d);
    }
}
