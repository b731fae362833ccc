using System.Net;

namespace Flotilla.Gateway.Nodes;

/// <summary>What the HTTP request of a node says about its way here.</summary>
/// <param name="Host">The Host header.</param>
/// <param name="LocalAddress">The connection's own end.</param>
/// <param name="LocalPort">The connection's own port.</param>
/// <param name="RemoteAddress">The other end.</param>
internal sealed record DialledFrom(string Host, IPAddress? LocalAddress, int LocalPort, IPAddress RemoteAddress);
