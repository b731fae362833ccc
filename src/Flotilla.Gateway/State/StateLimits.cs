namespace Flotilla.Gateway.State;

/// <summary>The bounds of what the gateway keeps beside money.</summary>
internal static class StateLimits
{
    /// <summary>Writes that wait at once; whoever comes then waits for room. A group commit takes a few hundred.</summary>
    public const int QueuedWritesMax = 4_096;

    /// <summary>Writes of one transaction: enough to share an fsync, few enough that one that fails is found soon.</summary>
    public const int WritesPerCommitMax = 256;
}
