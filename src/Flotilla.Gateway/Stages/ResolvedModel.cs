using Flotilla.Gateway.Nodes;

namespace Flotilla.Gateway.Stages;

/// <summary>A model that can be served.</summary>
/// <param name="Name">The canonical name, which answers carry.</param>
/// <param name="ContextTokens">Prompt and completion together, at most, on the largest node that may serve it.</param>
/// <param name="Wishes">Where a job may be placed; asked again at every attempt.</param>
/// <param name="Notes">What the operator says of it; null: nothing.</param>
internal sealed record ResolvedModel(string Name, uint ContextTokens, NodeWishes Wishes, ModelNotes? Notes = null);
