namespace Flotilla.Gateway.Admin;

/// <summary>A model that is served now, or has a price of its own.</summary>
/// <param name="Name">Its canonical name.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="Nodes">Nodes that serve it now.</param>
/// <param name="ContextTokens">Prompt and completion together; 0 where no node tells.</param>
/// <param name="Price">What it costs.</param>
public sealed record AdminModel(string Name, IReadOnlyList<string> Aliases, int Nodes, uint ContextTokens, AdminPrice Price);
