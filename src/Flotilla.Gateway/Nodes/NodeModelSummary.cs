namespace Flotilla.Gateway.Nodes;

/// <summary>A model on a node.</summary>
/// <param name="Name">The model.</param>
/// <param name="Admitted">Whether it passed its test job.</param>
/// <param name="Reason">Why not, or not yet; empty when it did.</param>
internal sealed record NodeModelSummary(string Name, bool Admitted, string Reason);
