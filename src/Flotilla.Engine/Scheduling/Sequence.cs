using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Tokens that are to be computed, and what is done with the results. There is no prefill and no decoding phase: in each
/// step a sequence catches up with its tokens, and when it has, it may get another one.
/// </summary>
/// <param name="tokens">The tokens known at the start.</param>
/// <param name="tokensMax">The most that there will be.</param>
internal abstract class Sequence(IEnumerable<int> tokens, int tokensMax)
{
    private volatile bool _isCancelled;

    /// <summary>The tokens known so far.</summary>
    protected List<int> Tokens { get; } = [.. tokens];

    /// <summary>How many of them lie in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>How many are still to be computed.</summary>
    public int Pending => Tokens.Count - Computed;

    /// <summary>The most positions that the sequence will ever take.</summary>
    public int TokensMax => tokensMax;

    /// <summary>Keys and values; null until the sequence runs.</summary>
    public SequenceCache? Cache { get; set; }

    /// <summary>Nothing more is to be computed.</summary>
    public bool IsDone { get; protected set; }

    /// <summary>The caller has gone.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>The caller reads too slowly: the sequence waits, the others go on.</summary>
    public virtual bool IsPaused => false;

    public void Cancel() => _isCancelled = true;

    /// <summary>Puts the next tokens into a batch.</summary>
    public void Enter(StepBatch batch, int count)
    {
        FirstInBatch = batch.Count;
        InBatch = count;
        Cache!.Extend(Computed + count);
        for (var index = Computed; index < Computed + count; index++)
            batch.Add(Tokens[index], index, Cache);
    }

    /// <summary>Asks the batch for logits, where they are wanted.</summary>
    public virtual void WantLogits(StepBatch batch)
    {
    }

    /// <summary>Asks the batch for hidden states of tokens whose logits are not wanted.</summary>
    public virtual void WantHidden(StepBatch batch)
    {
    }

    /// <summary>Takes in what a step has computed.</summary>
    public void Leave(Transformer model)
    {
        Absorb(model);
        Computed += InBatch;
        InBatch = 0;
    }

    /// <summary>Ends the sequence with an error.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>The place of this sequence's first token in the batch.</summary>
    protected int FirstInBatch { get; private set; }

    /// <summary>Tokens of this sequence in the batch.</summary>
    protected int InBatch { get; private set; }

    /// <summary>Whether the sequence takes part in the step.</summary>
    public bool IsInBatch => InBatch > 0;

    /// <summary>Whether the batch takes the sequence to its last known token.</summary>
    protected bool CatchesUp => Computed + InBatch == Tokens.Count;

    protected abstract void Absorb(Transformer model);
}
