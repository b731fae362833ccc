namespace Flotilla.Protocol.Jobs;

/// <summary>What is wrong with a job's request.</summary>
/// <param name="Param">The field of the client's API that is at fault.</param>
/// <param name="Message">Fit for the client's eyes.</param>
/// <param name="Limit">The limit that was exceeded, or 0.</param>
/// <param name="Value">The value that exceeded it, or 0.</param>
public sealed record JobFault(string Param, string Message, ulong Limit = 0, ulong Value = 0);
