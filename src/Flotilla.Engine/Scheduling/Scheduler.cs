using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Decides what each step computes. First in, first out; a sequence runs only when memory for its longest form is
/// reserved; every running sequence gets its next token in every step, and what the step has left goes to prompts in equal
/// parts. Owned by the engine's loop, but for <see cref="TrySubmit"/>.
/// </summary>
internal sealed class Scheduler(KvPool pool, int sequencesMax, int queueMax)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly PrefixSharing _prefixes = new();

    // Running sequences with a prompt to compute that take part in this step.
    private readonly List<Sequence> _prompts = [];
    private int _runningCount;

    /// <summary>Sequences that run.</summary>
    public int Running => Volatile.Read(ref _runningCount);

    /// <summary>Sequences that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Queues a sequence; false if the queue is full. From any thread.</summary>
    public bool TrySubmit(Sequence sequence)
    {
        lock (_lock)
        {
            if (_waiting.Count >= queueMax)
                return false;
            _waiting.AddLast(sequence);
            return true;
        }
    }

    /// <summary>Fills a batch, and returns whether there is anything to compute.</summary>
    public bool Plan(StepBatch batch)
    {
        RemoveEnded();
        Admit();
        batch.Clear();
        _prompts.Clear();
        foreach (var sequence in _running)
        {
            if (sequence.IsPaused || !_prefixes.CatchUp(sequence))
                continue;
            if (sequence.IsWhole)
                EnterWhole(sequence, batch);
            else if (sequence.Pending == 1)
                sequence.Enter(batch, 1);
            else
                _prompts.Add(sequence);
        }

        var logitsLeft = EngineLimits.PromptLogitsMax;
        for (var index = 0; index < _prompts.Count; index++)
        {
            var prompt = _prompts[index];
            var count = Math.Min((batch.TokensMax - batch.Count) / (_prompts.Count - index), prompt.Pending);
            // Whoever comes first has the logits; the others' turn comes when it is through.
            if (Math.Min(count, prompt.LogitsAhead) > logitsLeft)
                count = logitsLeft;
            logitsLeft -= Math.Min(count, prompt.LogitsAhead);
            if (count > 0)
                prompt.Enter(batch, count);
        }

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

        foreach (var sequence in _running)
            sequence.Fail(reason());
        RemoveEnded();
    }

    /// <summary>A text that can only be computed whole waits for a step that has room; one longer than any step gets one alone.</summary>
    private static void EnterWhole(Sequence sequence, StepBatch batch)
    {
        if (batch.Count == 0 || batch.Count + sequence.Pending <= batch.TokensMax)
            sequence.Enter(batch, sequence.Pending);
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
        _running.RemoveAll(sequence =>
        {
            if (!sequence.IsDone && !sequence.IsCancelled)
                return false;
            _prefixes.Leave(sequence);
            sequence.Cache?.Release();
            sequence.Cache = null;
            return true;
        });
        Volatile.Write(ref _runningCount, _running.Count);
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

    private void Admit()
    {
        lock (_lock)
        {
            RemoveCancelled();
            while (_running.Count < sequencesMax && _waiting.First is { Value: var sequence })
            {
                sequence.Cache = SequenceCache.TryCreate(pool, sequence.TokensMax);
                if (sequence.Cache is null)
                    break;
                _running.Add(sequence);
                _waiting.RemoveFirst();
            }
        }

        Volatile.Write(ref _runningCount, _running.Count);
    }
}
