namespace Flotilla.Node.Runtimes;

/// <summary>A server's list of models.</summary>
/// <param name="Models">The models.</param>
/// <param name="MayHaveCatalog">Whether the server may be a Flotilla, whose list leaves sound and pictures to its catalog: it owns a model, or the list is empty.</param>
internal sealed record UpstreamList(IReadOnlyList<UpstreamModel> Models, bool MayHaveCatalog);
