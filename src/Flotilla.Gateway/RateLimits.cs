namespace Flotilla.Gateway;

/// <summary>How much one key, or one namespace, may ask for; 0 stands for no limit.</summary>
/// <param name="RequestsPerMinute">Requests for work (POST). A quiet minute's worth may come at once.</param>
/// <param name="TokensPerMinute">Tokens of prompt and answer. A request takes its worst case and gives back what it did not use.</param>
/// <param name="Concurrency">Requests for work that run at the same time.</param>
public sealed record RateLimits(long RequestsPerMinute, long TokensPerMinute, long Concurrency);
