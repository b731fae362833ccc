using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Decides what each step computes. First in, first out: the oldest sequences whose callers read, as many as there are slots, get
/// their next token in every step, and what the step has left goes to prompts in equal parts, or to guesses where there is no
/// prompt. Where memory runs out, the youngest sequence gives way to older ones; the oldest always goes on, so everybody gets to
/// his end. Owned by the engine's loop, but for <see cref="TrySubmit"/>.
/// </summary>
/// <param name="pool">Memory for keys and values.</param>
/// <param name="sequencesMax">Slots: sequences that take part in a step.</param>
/// <param name="queueMax">Sequences that may wait for the first time; and that may have begun beyond the slots, for their callers do not read.</param>
internal sealed class Scheduler(KvPool pool, int sequencesMax, int queueMax)
{
    /// <summary>After so many times the room that a sequence waits for grows no more: it is that of its longest form long before.</summary>
    private const int DoublingsMax = 24;

    private readonly Lock _lock = new();
    private readonly LinkedList<Sequence> _waiting = [];
    private long _arrivals;

    // All three in the order of arrival. Those that gave way arrived before all that wait.
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _gaveWay = [];
    private readonly PrefixSharing _prefixes = new();

    // Running sequences that take part in this step: with one token, or with a prompt to compute.
    private readonly List<Sequence> _generating = [];
    private readonly List<Sequence> _prompts = [];
    private int _runningCount;
    private int _waitingAgainCount;
    private int _pausedCount;

    /// <summary>Sequences that take part in steps.</summary>
    public int Running => Volatile.Read(ref _runningCount);

    /// <summary>Sequences that have begun and whose callers do not read.</summary>
    public int Paused => Volatile.Read(ref _pausedCount);

    /// <summary>Sequences that wait: for the first time, because they had to give way, or because older ones have the slots.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count + Volatile.Read(ref _waitingAgainCount);
        }
    }

    /// <summary>Queues a sequence; false if the queue is full. From any thread.</summary>
    public bool TrySubmit(Sequence sequence)
    {
        lock (_lock)
        {
            if (_waiting.Count >= queueMax)
                return false;
            sequence.Arrival = _arrivals++;
            _waiting.AddLast(sequence);
            return true;
        }
    }

    /// <summary>Fills a batch, and returns whether there is anything to compute.</summary>
    public bool Plan(StepBatch batch)
    {
        RemoveEnded();
        foreach (var sequence in _running)
            sequence.Look();
        Admit();
        int before;
        do
        {
            // Somebody may have waited for what one computed that then had to give way; he can go on at once.
            before = _gaveWay.Count;
            Fill(batch);
        }
        while (batch.Count == 0 && _gaveWay.Count > before);
        Count();
        Ask(batch);
        return batch.Count > 0;
    }

    /// <summary>Hands the step's results to the sequences that took part.</summary>
    public void Complete(Transformer model)
    {
        foreach (var sequence in _running)
        {
            if (!sequence.IsInBatch)
                continue;
            try
            {
                sequence.Leave(model);
                _prefixes.Publish(sequence);
            }
#pragma warning disable CA1031 // One sequence's failure is told to its caller; it is not the other sequences' business.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                sequence.Fail(exception);
            }
        }
    }

    /// <summary>Ends everything that waits or runs.</summary>
    public void FailAll(Func<Exception> reason)
    {
        lock (_lock)
        {
            foreach (var sequence in _waiting)
                sequence.Fail(reason());
            _waiting.Clear();
        }

        foreach (var sequence in _gaveWay)
            sequence.Fail(reason());
        foreach (var sequence in _running)
            sequence.Fail(reason());
        RemoveEnded();
    }

    private static bool HasEnded(Sequence sequence) => sequence.IsDone || sequence.IsCancelled;

    private void Fill(StepBatch batch)
    {
        batch.Clear();
        _generating.Clear();
        _prompts.Clear();
        // Whoever reads again is older than all who came in his absence: the youngest of them rests, and keeps what he has.
        var slots = sequencesMax;
        foreach (var sequence in _running)
            sequence.HasSlot = sequence.IsAwake && slots-- > 0;
        foreach (var sequence in _running)
        {
            if (sequence.Cache is null || !sequence.HasSlot || !_prefixes.CatchUp(sequence) || !MakeRoom(sequence))
                continue;
            if (sequence.IsWhole)
                EnterWhole(sequence, batch);
            else
                (sequence.Pending == 1 ? _generating : _prompts).Add(sequence);
        }

        _running.RemoveAll(static sequence => sequence.Cache is null);
        EnterGenerating(batch);
        EnterPrompts(batch);
    }

    /// <summary>A text that can only be computed whole waits for a step that has room; one longer than any step gets one alone.</summary>
    private static void EnterWhole(Sequence sequence, StepBatch batch)
    {
        if (batch.Count == 0 || batch.Count + sequence.Pending <= batch.TokensMax)
            sequence.Enter(batch, sequence.Pending);
    }

    private void EnterPrompts(StepBatch batch)
    {
        var logitsLeft = EngineLimits.PromptLogitsMax;
        for (var index = 0; index < _prompts.Count; index++)
        {
            var prompt = _prompts[index];
            var count = Math.Min((batch.TokensMax - batch.Count) / (_prompts.Count - index), prompt.Pending);
            // Whoever comes first has the logits; the others' turn comes when it is through.
            while (prompt.LogitsWithin(count) is var wanted && wanted > logitsLeft)
                count -= wanted - logitsLeft;
            if (count <= 0)
                continue;
            count = prompt.Cache!.Extend(prompt.Computed + count) - prompt.Computed;
            logitsLeft -= prompt.LogitsWithin(count);
            prompt.Enter(batch, count);
        }
    }

    /// <summary>One token each, and guesses as far as they cost little: beside a prompt they would take its time.</summary>
    private void EnterGenerating(StepBatch batch)
    {
        var spare = _prompts.Count > 0 ? 0 : Math.Min(EngineLimits.GuessStepTokens, batch.TokensMax) - _generating.Count;
        for (var index = 0; index < _generating.Count; index++)
        {
            _generating[index].Enter(batch, 1);
            var left = _generating.Count - index;
            if (spare > 0)
                spare -= _generating[index].EnterGuesses(batch, (spare + left - 1) / left);
        }
    }

    /// <summary>
    /// Finds memory for a sequence's next token, or for all where they are computed at once, if need be that of others: first of
    /// those whose callers do not read, then of the youngest. False where it was itself the one to give way.
    /// </summary>
    private bool MakeRoom(Sequence sequence)
    {
        var wanted = sequence.IsWhole ? sequence.Known : sequence.Computed + 1;
        while (sequence.Cache!.Extend(wanted) < wanted)
        {
            var victim = _running.FindLast(static other => other.Cache is not null && !other.IsAwake)
                ?? _running.FindLast(static other => other.Cache is not null)!;
            _prefixes.Leave(victim);
            victim.GiveWay();
            InsertByArrival(_gaveWay, victim);
            if (victim == sequence)
                return false;
        }

        return true;
    }

    private void Ask(StepBatch batch)
    {
        foreach (var sequence in _running)
        {
            if (sequence.IsInBatch)
                sequence.WantLogits(batch);
        }

        foreach (var sequence in _running)
        {
            if (sequence.IsInBatch)
                sequence.WantHidden(batch);
        }
    }

    private void RemoveEnded()
    {
        foreach (var sequence in _running)
        {
            if (!HasEnded(sequence))
                continue;
            _prefixes.Leave(sequence);
            sequence.End();
        }

        _running.RemoveAll(static sequence => sequence.Cache is null);
        _gaveWay.RemoveAll(static sequence => HasEnded(sequence));
        Count();
    }

    private void Count()
    {
        var (running, paused) = (0, 0);
        foreach (var sequence in _running)
        {
            running += sequence.HasSlot ? 1 : 0;
            paused += sequence.IsAwake ? 0 : 1;
        }

        foreach (var sequence in _gaveWay)
            paused += sequence.HasCaughtUp ? 0 : 1;
        Volatile.Write(ref _runningCount, running);
        Volatile.Write(ref _pausedCount, paused);
        Volatile.Write(ref _waitingAgainCount, _running.Count + _gaveWay.Count - running - paused);
    }

    /// <summary>Callers who went away while they waited must not take places in the queue from others.</summary>
    private void RemoveCancelled()
    {
        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.IsCancelled)
                _waiting.Remove(node);
            node = next;
        }
    }

    /// <summary>
    /// First those who gave way, then those who wait for the first time, both by arrival. Nobody passes one who waits for room, but for one
    /// whose caller has still to read: what is computed again for him would stand about unread.
    /// </summary>
    private void Admit()
    {
        for (var index = 0; index < _gaveWay.Count; index++)
        {
            var sequence = _gaveWay[index];
            if (!sequence.HasCaughtUp)
                continue;
            if (!HasRoom(sequence))
                return;
            _gaveWay.RemoveAt(index--);
            Run(sequence);
        }

        lock (_lock)
        {
            RemoveCancelled();
            // Lists of their own have all who have begun, also those whose callers never read: there must be an end to it.
            while (_waiting.First is { Value: var sequence } && _running.Count + _gaveWay.Count < (long)sequencesMax + queueMax && HasRoom(sequence))
            {
                _waiting.RemoveFirst();
                Run(sequence);
            }
        }
    }

    private void Run(Sequence sequence)
    {
        sequence.Begin(pool);
        InsertByArrival(_running, sequence);
    }

    /// <summary>
    /// Whether older ones leave a slot, and there is memory for all tokens that are known, and a page more for everybody; twice as many for each time that the
    /// sequence gave way though its caller read. So it computes at least twice as many new tokens before it has to again, and what it computes again
    /// stays a share of that. Or memory for the longest forms of all: then nobody will ever have to.
    /// </summary>
    private bool HasRoom(Sequence sequence)
    {
        var slots = sequencesMax;
        var (free, known, longest, others) = (pool.BlocksFree, (long)KvPool.BlocksFor(sequence.Known), (long)KvPool.BlocksFor(sequence.TokensMax), 0L);
        foreach (var other in _running)
        {
            longest += KvPool.BlocksFor(other.TokensMax);
            if (!other.IsAwake)
            {
                free += other.Cache!.Pages;
                continue;
            }

            known += Math.Max(0, KvPool.BlocksFor(other.Known) - other.Cache!.Pages);
            others++;
            slots -= other.Arrival < sequence.Arrival ? 1 : 0;
        }

        if (slots <= 0)
            return false;
        return others == 0 || longest <= pool.BlocksMax || known + ((others + 1) << Math.Min(sequence.Doublings, DoublingsMax)) <= free;
    }

    private static void InsertByArrival(List<Sequence> sequences, Sequence sequence)
    {
        var index = sequences.Count;
        while (index > 0 && sequences[index - 1].Arrival > sequence.Arrival)
            index--;
        sequences.Insert(index, sequence);
    }
}
