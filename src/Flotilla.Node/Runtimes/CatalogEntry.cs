using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>A model that this node offers, and what runs it.</summary>
internal sealed record CatalogEntry(IRuntime Runtime, Model Model);
