using Flotilla.Protocol.Link;

namespace Flotilla.Gateway.Answers;

/// <summary>Takes the answer of a job whose usage is all that is asked for.</summary>
internal sealed class CountReceiver : IReceiver
{
    public bool Begun => false;

    public long Unflushed => 0;

    public bool IsFull => false;

    public void Restart()
    {
    }

    public bool TryCut() => false;

    public void Append(Event item)
    {
    }

    public ValueTask<bool> FlushAsync(CancellationToken cancellation) => ValueTask.FromResult(false);
}
