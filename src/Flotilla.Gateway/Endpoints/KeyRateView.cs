namespace Flotilla.Gateway.Endpoints;

/// <summary>How fast a key may ask; 0 stands for no limit.</summary>
/// <param name="Requests">Requests for work in an interval.</param>
/// <param name="Interval">One minute.</param>
/// <param name="Tokens">Tokens in an interval.</param>
/// <param name="Concurrency">Requests at the same time.</param>
internal sealed record KeyRateView(long Requests, string Interval, long Tokens, long Concurrency);
