using Microsoft.Extensions.Logging;

namespace Flotilla.Gateway.Nodes;

/// <summary>What every session needs.</summary>
internal sealed record NodeLinkServices(
    NodeDirectory Directory, INodeRegistry Registry, AdmissionTest Admission, PrefixSalts Prefixes, TimeProvider Time, ILogger<NodeSession> Log);
