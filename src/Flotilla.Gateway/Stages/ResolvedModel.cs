namespace Flotilla.Gateway.Stages;

/// <summary>A model that can be served.</summary>
/// <param name="Name">The canonical name, which answers carry.</param>
/// <param name="ContextTokens">Prompt and completion together, at most, on the largest node that serves it.</param>
internal sealed record ResolvedModel(string Name, uint ContextTokens);
