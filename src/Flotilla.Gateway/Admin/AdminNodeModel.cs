namespace Flotilla.Gateway.Admin;

/// <summary>A model on a node.</summary>
/// <param name="Name">The model.</param>
/// <param name="Admitted">Whether it passed its test job.</param>
/// <param name="Reason">Why not; empty when it did.</param>
public sealed record AdminNodeModel(string Name, bool Admitted, string Reason);
