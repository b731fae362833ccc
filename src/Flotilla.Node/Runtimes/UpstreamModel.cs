namespace Flotilla.Node.Runtimes;

/// <summary>A model in a server's list.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="ContextTokens">0 = not told.</param>
/// <param name="Capabilities">What the list says that it can do, in the link's words.</param>
/// <param name="Voices">Those that the list names, as far as a gateway takes them.</param>
internal sealed record UpstreamModel(string Name, uint ContextTokens, IReadOnlyList<string> Capabilities, IReadOnlyList<string> Voices);
