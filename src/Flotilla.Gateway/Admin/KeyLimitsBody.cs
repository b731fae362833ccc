namespace Flotilla.Gateway.Admin;

/// <summary>All limits of one key; whatever is left out follows the gateway's setting again, and 0 stands for none.</summary>
/// <param name="RequestsPerMinute">Requests for work.</param>
/// <param name="TokensPerMinute">Tokens of prompt and answer.</param>
/// <param name="Concurrency">Requests for work at the same time.</param>
public sealed record KeyLimitsBody(long? RequestsPerMinute = null, long? TokensPerMinute = null, long? Concurrency = null);
