namespace Flotilla.Gateway.Batches;

/// <summary>Of the input, what came from a cache.</summary>
internal sealed record BatchCached(long CachedTokens);
