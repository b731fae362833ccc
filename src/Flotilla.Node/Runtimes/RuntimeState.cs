using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>What a runtime can serve at one moment.</summary>
/// <param name="Models">The models; they must not be changed afterwards.</param>
/// <param name="Problem">What is wrong, for the node's owner; null where all is well.</param>
public sealed record RuntimeState(IReadOnlyList<Model> Models, string? Problem = null);
