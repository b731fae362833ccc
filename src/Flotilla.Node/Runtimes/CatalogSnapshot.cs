namespace Flotilla.Node.Runtimes;

/// <summary>All models that this node offers at one moment.</summary>
/// <param name="Entries">By the models' names.</param>
/// <param name="Replaced">Completes when a later snapshot takes over.</param>
internal sealed record CatalogSnapshot(IReadOnlyDictionary<string, CatalogEntry> Entries, Task Replaced);
