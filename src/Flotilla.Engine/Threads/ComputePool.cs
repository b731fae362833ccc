using System.Runtime.ExceptionServices;

namespace Flotilla.Engine.Threads;

/// <summary>
/// Splits a phase of the forward pass over threads. The caller's thread takes parts like any other and waits only for parts
/// that somebody has begun, so a worker that sleeps or was descheduled costs its help and nothing else. Workers spin for a
/// moment, for the next phase of a step follows within microseconds, and then park.
/// </summary>
/// <remarks>Owned by the engine's loop: one <see cref="Run"/> at a time.</remarks>
internal sealed class ComputePool : IDisposable
{
    /// <summary>Multiply-adds below which waking a second thread costs more than it brings; about 20 µs of one core.</summary>
    public const long CostMinDefault = 1_000_000;

    /// <summary>
    /// Turns of the waiting loop before a worker parks; about 50 µs, for a turn is 8 pauses that .NET makes about 37 ns long.
    /// More would take the core from HTTP between two steps (measured: gateways that spin cost three times the CPU per chunk).
    /// </summary>
    private const int SpinsMax = 150;

    private readonly long _costMin;
    private readonly Thread[] _workers;
    private readonly long[] _allocated;
    private readonly SemaphoreSlim _wake = new(0);
    private Action<int, int>? _work;
    private int _done;
    private int _parked;
    private ExceptionDispatchInfo? _failure;

    /// <summary>
    /// The run's number (32 bits), its parts (16) and the next part to take (16), in one word: whoever takes a part by
    /// compare-and-swap knows that the run it belongs to is the one it has read.
    /// </summary>
    private ulong _ticket;
    private volatile bool _stopping;

    /// <param name="threads">Threads, the caller's included.</param>
    /// <param name="costMin">Units of work, about a multiply-add each, below which a phase is not shared out.</param>
    public ComputePool(int threads, long costMin = CostMinDefault)
    {
        _costMin = costMin;
        _workers = new Thread[threads - 1];
        _allocated = new long[threads];
        for (var index = 0; index < _workers.Length; index++)
        {
            var worker = index + 1;
            _workers[index] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"flotilla-compute-{worker}" };
            _workers[index].Start();
        }
    }

    /// <summary>Threads that may work at once, the caller's included: worker numbers are below this.</summary>
    public int Threads => _workers.Length + 1;

    /// <summary>Bytes that the workers have allocated so far.</summary>
    public long AllocatedBytes => _allocated.Sum();

    /// <summary>How many parts a phase of so many units of work should be cut into: two per thread, so that they end together.</summary>
    /// <remarks>Weights are read from memory in a row, and each part begins anew: four per thread cost 4 % of the speed of decoding Q4_K, eight 8 %.</remarks>
    public int PartsFor(int units, long cost) => Threads == 1 || cost < _costMin ? 1 : Math.Min(units, Threads * 2);

    /// <summary>Calls work(part, worker) for every part and returns when all are done.</summary>
    public void Run(int parts, Action<int, int> work)
    {
        if (parts <= 1 || Threads == 1)
        {
            for (var part = 0; part < parts; part++)
                work(part, 0);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, ushort.MaxValue);
        _work = work;
        _done = 0;
        var run = (uint)(_ticket >> 32) + 1;

        // A full fence: were the parked counted before the ticket is seen, one that parks meanwhile would find no run and never be woken.
        Interlocked.Exchange(ref _ticket, ((ulong)run << 32) | ((uint)parts << 16));
        WakeParked(parts - 1);
        TakeParts(run, 0);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _done) < parts)
            spinner.SpinOnce(sleep1Threshold: -1);
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
            failure.Throw();
    }

    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _wake.Release(Math.Max(1, _workers.Length));
        foreach (var worker in _workers)
            worker.Join();
        _wake.Dispose();
    }

    private void WakeParked(int wanted)
    {
        while (wanted-- > 0)
        {
            var parked = Volatile.Read(ref _parked);
            if (parked == 0)
                return;
            if (Interlocked.CompareExchange(ref _parked, parked - 1, parked) == parked)
                _wake.Release();
        }
    }

    private void Serve(int worker)
    {
        var seen = 0u;
        var spins = 0;
        while (!_stopping)
        {
            var run = (uint)(Volatile.Read(ref _ticket) >> 32);
            if (run != seen)
            {
                seen = run;
                spins = 0;
                TakeParts(run, worker);
                _allocated[worker] = GC.GetAllocatedBytesForCurrentThread();
            }
            else if (++spins < SpinsMax)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Park(seen);
                spins = 0;
            }
        }
    }

    private void Park(uint seen)
    {
        Interlocked.Increment(ref _parked);

        // A run may have begun between the last look and the increment; its caller then saw nobody to wake.
        if (((uint)(Volatile.Read(ref _ticket) >> 32) != seen || _stopping) && TryUnpark())
            return;
        _wake.Wait();
    }

    private bool TryUnpark()
    {
        while (Volatile.Read(ref _parked) is var parked && parked > 0)
        {
            if (Interlocked.CompareExchange(ref _parked, parked - 1, parked) == parked)
                return true;
        }

        return false;
    }

    private void TakeParts(uint run, int worker)
    {
        while (true)
        {
            var ticket = Volatile.Read(ref _ticket);
            var (part, parts) = ((int)(ticket & 0xFFFF), (int)((ticket >> 16) & 0xFFFF));
            if ((uint)(ticket >> 32) != run || part >= parts)
                return;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket)
                continue;
            try
            {
                _work!(part, worker);
            }
#pragma warning disable CA1031 // The caller's thread throws it again: a worker has nobody to throw to.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            }

            Interlocked.Increment(ref _done);
        }
    }
}
