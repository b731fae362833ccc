namespace Flotilla.Node.Runtimes;

/// <summary>A model in a server's list.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="ContextTokens">0 = not told.</param>
/// <param name="Capabilities">What the list says that it can do, in the link's words.</param>
internal sealed record UpstreamModel(string Name, uint ContextTokens, IReadOnlyList<string> Capabilities);
