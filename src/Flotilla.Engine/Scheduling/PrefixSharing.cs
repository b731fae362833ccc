using Flotilla.Engine.Cache;

namespace Flotilla.Engine.Scheduling;

/// <summary>
/// Lets sequences that begin with the same tokens compute them once: each takes over what others have computed, and waits for
/// what another one is computing now. Results do not depend on it; keys and values are the same bits whoever computed them.
/// Owned by the engine's loop.
/// </summary>
internal sealed class PrefixSharing
{
    private readonly Dictionary<PrefixKey, Sequence> _computing = [];

    /// <summary>Takes over what there is. False where the sequence does better to wait: another one computes what it needs next.</summary>
    public bool CatchUp(Sequence sequence)
    {
        while (sequence.NextShared is { } key)
        {
            if (sequence.TryAdopt(key))
            {
                // Somebody else computed what this sequence had claimed: nobody is to wait for it, and nothing to keep it alive.
                Disown(key, sequence);
                continue;
            }

            if (_computing.TryGetValue(key, out var other) && other != sequence && IsAtWork(other))
                return false;
            Claim(sequence);
            return true;
        }

        return true;
    }

    /// <summary>Lets others find what the sequence has computed.</summary>
    public void Publish(Sequence sequence)
    {
        while (sequence.PublishNext() is { } key)
            Disown(key, sequence);
    }

    /// <summary>The sequence computes no more.</summary>
    public void Leave(Sequence sequence)
    {
        foreach (var key in sequence.Claims)
            Disown(key, sequence);
    }

    private static bool IsAtWork(Sequence sequence) => sequence.HasSlot && !sequence.IsDone && !sequence.IsCancelled;

    private void Claim(Sequence sequence)
    {
        foreach (var key in sequence.Claims)
        {
            if (!_computing.TryGetValue(key, out var other) || !IsAtWork(other))
                _computing[key] = sequence;
        }
    }

    private void Disown(PrefixKey key, Sequence sequence)
    {
        if (_computing.TryGetValue(key, out var owner) && owner == sequence)
            _computing.Remove(key);
    }
}
