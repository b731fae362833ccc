using Flotilla.Gateway.Answers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Ensembles;

/// <summary>Takes what one of several jobs says, and keeps it until somebody may have it.</summary>
/// <param name="request">What the job is asked.</param>
/// <param name="bytesMax">What it may keep, as JSON.</param>
/// <param name="outlet">Takes the events of a job that speaks, in order, and answers whether the client has them; null keeps everything.</param>
/// <param name="isOutletFull">Whether the outlet takes no more.</param>
internal sealed class PartReceiver(
    TextInference request, long bytesMax, Func<IReadOnlyList<Event>, CancellationToken, ValueTask<bool>>? outlet = null, Func<bool>? isOutletFull = null) : IReceiver
{
    private readonly OpenChoices _open = new(request);
    private readonly List<Event> _kept = [];
    private bool _speaks;
    private long _bytes;

    /// <summary>What nobody was given yet.</summary>
    public IReadOnlyList<Event> Kept => _kept;

    public bool Begun { get; private set; }

    public long Unflushed => outlet is null ? 0 : _bytes;

    public bool IsFull => _bytes > bytesMax || isOutletFull?.Invoke() == true;

    public void Restart()
    {
        _kept.Clear();
        _open.Clear();
        _bytes = 0;
        _speaks = false;
    }

    public bool TryCut()
    {
        _kept.AddRange(_open.Ends());
        return true;
    }

    public void Append(Event item)
    {
        _kept.Add(item);
        _open.See(item);
        _bytes += RenderedSize.Of(item);
        _speaks |= item.TokenCount > 0;
    }

    public async ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        if (outlet is null || !_speaks)
            return false;
        // What went out once may have been seen, also where the way out ends in an exception.
        Begun = true;
        var delivered = await outlet([.. _kept], cancellation);
        _kept.Clear();
        _bytes = 0;
        return delivered;
    }
}
