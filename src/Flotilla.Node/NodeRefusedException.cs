namespace Flotilla.Node;

/// <summary>No gateway ever let this node in, and each gave a reason that waiting does not lift.</summary>
public sealed class NodeRefusedException : Exception
{
    internal NodeRefusedException(IReadOnlyList<GatewayStatus> gateways)
        : base(string.Join(" ", gateways.Select(g => $"{g.Gateway}: {g.Detail}"))) => Gateways = gateways;

    /// <summary>What each gateway said.</summary>
    public IReadOnlyList<GatewayStatus> Gateways { get; }
}
