namespace Flotilla.Node;

/// <summary>A gateway's word on one model, after its test job.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Admitted">Whether jobs for it may come.</param>
/// <param name="Reason">Why not; empty when admitted.</param>
public sealed record ModelAdmission(string Model, bool Admitted, string Reason);
