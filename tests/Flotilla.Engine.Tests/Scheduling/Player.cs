using Flotilla.Engine.Models;
using Flotilla.Engine.Scheduling;

namespace Flotilla.Engine.Tests.Scheduling;

/// <summary>Draws zeros until it is as long as it may be, and notices what is taken in twice. It needs no model.</summary>
internal sealed class Player(int tokens, int most, byte[]? salt = null) : Sequence(Enumerable.Repeat(0, tokens), most, salt, tokens - 1)
{
    public volatile bool Paused;

    public Exception? Failure { get; private set; }

    public override bool IsPaused => Paused;

    public override void Fail(Exception exception)
    {
        IsDone = true;
        Failure = exception;
    }

    protected override int Absorb(Transformer model)
    {
        if (CatchesUp && Tokens.Count < TokensMax)
            Tokens.Add(0);
        else if (CatchesUp)
            IsDone = true;
        return 0;
    }
}
