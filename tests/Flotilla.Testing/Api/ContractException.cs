namespace Flotilla.Testing.Api;

/// <summary>An answer that is not what the gateway's own document says.</summary>
/// <param name="message">Which one, and where it differs.</param>
public sealed class ContractException(string message) : Exception(message);
