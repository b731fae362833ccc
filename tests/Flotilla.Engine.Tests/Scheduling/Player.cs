using Flotilla.Engine.Models;
using Flotilla.Engine.Scheduling;

namespace Flotilla.Engine.Tests.Scheduling;

/// <summary>Draws zeros until it is as long as it may be, and notices what is taken in twice. It needs no model.</summary>
internal sealed class Player(int tokens, int most, byte[]? salt = null) : Sequence(Enumerable.Repeat(0, tokens), most, salt, tokens - 1)
{
    public volatile bool Paused;

    public Exception? Failure { get; private set; }

    /// <summary>What its caller has still to read; null for one who reads all at once.</summary>
    public int? Unread { get; set; }

    public override bool IsPaused => Paused || Unread > EngineLimits.EventsUnreadMax;

    public override bool HasCaughtUp => !Paused && !(Unread > EngineLimits.EventsUnreadReturn);

    /// <summary>Whether a scheduler without anything to compute would keep it from what it could do.</summary>
    public bool CouldGoOn => !IsDone && !IsCancelled && (TimesGivenWay > 0 && Cache is null ? HasCaughtUp : !IsPaused);

    /// <summary>Its caller reads on.</summary>
    public void Read(int tokens) => Unread -= Math.Min(tokens, Unread ?? 0);

    public override void Fail(Exception exception)
    {
        IsDone = true;
        Failure = exception;
    }

    protected override int Absorb(Transformer model)
    {
        if (CatchesUp && Tokens.Count < TokensMax)
        {
            Tokens.Add(0);
            Unread++;
        }
        else if (CatchesUp)
            IsDone = true;
        return 0;
    }
}
