using System.Runtime.InteropServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Models;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Tokens that are to be computed, and what is done with the results. There is no prefill and no decoding phase: in each
/// step a sequence catches up with its tokens, and when it has, it may get another one, or several that it has guessed.
/// </summary>
/// <param name="tokens">The tokens known at the start.</param>
/// <param name="tokensMax">The most that there will be.</param>
/// <param name="salt">Who may share keys and values with it: sequences of the same salt; null shares none.</param>
/// <param name="adoptable">How many tokens at the beginning need not be computed here, for nobody wants their hidden states.</param>
internal abstract class Sequence(IEnumerable<int> tokens, int tokensMax, byte[]? salt = null, int adoptable = 0)
{
    private readonly List<PrefixKey> _keys = salt is null ? [] : [PrefixKey.Of(salt)];
    private int _published;
    private volatile bool _isCancelled;

    /// <summary>The tokens known so far.</summary>
    protected List<int> Tokens { get; } = [.. tokens];

    /// <summary>How many of them lie in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>How many are still to be computed.</summary>
    public int Pending => Tokens.Count - Computed;

    /// <summary>How many are known.</summary>
    public int Known => Tokens.Count;

    /// <summary>The most positions that the sequence will ever take.</summary>
    public int TokensMax => tokensMax;

    /// <summary>Its place in the order of arrival.</summary>
    public long Arrival { get; set; }

    /// <summary>How often it had to give its memory to others.</summary>
    public int TimesGivenWay { get; private set; }

    /// <summary>How often it had to though its caller read: it waits for twice as much room each time, and nobody who came later passes it.</summary>
    public int Doublings { get; private set; }

    /// <summary>Keys and values; null while the sequence does not run.</summary>
    public SequenceCache? Cache { get; private set; }

    /// <summary>Nothing more is to be computed.</summary>
    public bool IsDone { get; protected set; }

    /// <summary>The caller has gone.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>The caller reads too slowly: the sequence waits, the others go on.</summary>
    public virtual bool IsPaused => false;

    /// <summary>Whether the caller has read so much that it is worth computing everything again for what he may leave unread then.</summary>
    public virtual bool HasCaughtUp => !IsPaused;

    /// <summary>Not paused when the scheduler last looked: while it plans a step, callers may read on.</summary>
    public bool IsAwake { get; private set; }

    /// <summary>Whether it has one of the places in a step.</summary>
    public bool HasSlot { get; set; }

    /// <summary>Looks at whether the caller reads.</summary>
    public void Look() => IsAwake = !IsPaused;

    public void Cancel() => _isCancelled = true;

    /// <summary>How many of the next tokens want logits though more tokens are known behind them.</summary>
    /// <param name="count">How many tokens are looked at.</param>
    public virtual int LogitsWithin(int count) => 0;

    /// <summary>All its tokens are computed in one step, and each sees all.</summary>
    public virtual bool IsWhole => false;

    /// <summary>The type of a token, for models that tell some apart.</summary>
    protected virtual int TypeOf(int index) => 0;

    /// <summary>Runs from now on, without any memory yet. All lists get their final size here, so that a token costs none.</summary>
    public virtual void Begin(KvPool pool)
    {
        Tokens.EnsureCapacity(tokensMax);
        _keys.EnsureCapacity(salt is null ? 0 : (tokensMax / KvBlock.Positions) + 1);
        Cache = new SequenceCache(pool, tokensMax);
        Look();
    }

    /// <summary>Gives all memory back and runs no more.</summary>
    public void End()
    {
        Cache?.Release();
        Cache = null;
        HasSlot = false;
    }

    /// <summary>Gives its memory to others. When it runs again, it computes its tokens once more, and takes in only what it has not yet.</summary>
    public void GiveWay()
    {
        End();
        (Computed, _published) = (0, 0);
        TimesGivenWay++;
        Doublings += IsAwake ? 1 : 0;
    }

    /// <summary>Puts the next tokens into a batch; the cache has room for them.</summary>
    public void Enter(StepBatch batch, int count)
    {
        FirstInBatch = batch.Count;
        InBatch = count;
        for (var index = Computed; index < Computed + count; index++)
            batch.Add(Tokens[index], index, Cache!, IsWhole ? Tokens.Count : index + 1, TypeOf(index));
    }

    /// <summary>Puts guesses at what follows into a batch, directly behind all known tokens; returns how many.</summary>
    public virtual int EnterGuesses(StepBatch batch, int most) => 0;

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
        Computed += InBatch + Absorb(model);
        Absorbed = Math.Max(Absorbed, Computed);
        InBatch = 0;
    }

    /// <summary>Tokens at the beginning that were taken over from others.</summary>
    public int Adopted { get; private set; }

    /// <summary>The key of the next page that could be taken over; null where there is none.</summary>
    public PrefixKey? NextShared =>
        salt is not null && Computed % KvBlock.Positions == 0 && Computed + KvBlock.Positions <= Adoptable ? KeyOf(Computed / KvBlock.Positions) : null;

    /// <summary>The keys of all pages, from the next one on, that could be taken over and will have to be computed.</summary>
    public IEnumerable<PrefixKey> Claims => salt is null
        ? []
        : Enumerable.Range(Computed / KvBlock.Positions, Math.Max(0, (Adoptable / KvBlock.Positions) - (Computed / KvBlock.Positions))).Select(KeyOf);

    /// <summary>Takes the next page over from somebody else; false where nobody has it.</summary>
    public bool TryAdopt(PrefixKey key)
    {
        if (!Cache!.TryAdopt(key))
            return false;
        Computed += KvBlock.Positions;
        _published++;
        if (Computed > Absorbed)
        {
            Adopted += KvBlock.Positions;
            Absorbed = Computed;
        }

        return true;
    }

    /// <summary>Lets others find the next page that is computed; returns its key, or null where there is none.</summary>
    public PrefixKey? PublishNext()
    {
        if (salt is null || (_published + 1) * KvBlock.Positions > Computed)
            return null;
        var key = KeyOf(_published);
        Cache!.Share(_published++, key);
        return key;
    }

    private PrefixKey KeyOf(int page)
    {
        var tokens = CollectionsMarshal.AsSpan(Tokens);
        while (_keys.Count <= page + 1)
            _keys.Add(_keys[^1].Next(tokens.Slice((_keys.Count - 1) * KvBlock.Positions, KvBlock.Positions)));
        return _keys[page + 1];
    }

    /// <summary>Ends the sequence with an error.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>What a caller hears of an exception.</summary>
    protected static GenerationFailedException FailureOf(Exception exception) =>
        exception as GenerationFailedException ?? new GenerationFailedException(GenerationFailure.Internal, "A sequence failed.", exception);

    /// <summary>How many tokens have been computed and taken in, perhaps before the sequence had to give way: nobody wants their hidden states again.</summary>
    protected int Absorbed { get; private set; }

    /// <summary>The place of this sequence's first token in the batch.</summary>
    protected int FirstInBatch { get; private set; }

    /// <summary>Tokens of this sequence in the batch, guesses not counted.</summary>
    protected int InBatch { get; private set; }

    /// <summary>Whether the sequence takes part in the step.</summary>
    public bool IsInBatch => InBatch > 0;

    /// <summary>Whether the batch takes the sequence to its last known token.</summary>
    protected bool CatchesUp => Computed + InBatch == Tokens.Count;

    private int Adoptable => Math.Max(adoptable, Absorbed);

    /// <summary>Takes in the results; returns how many of its guesses were right, whose keys and values therefore stand.</summary>
    protected abstract int Absorb(Transformer model);
}
