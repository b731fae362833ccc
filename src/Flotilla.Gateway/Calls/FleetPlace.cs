namespace Flotilla.Gateway.Calls;

/// <summary>A place of one call in the <see cref="FleetRoom"/>.</summary>
/// <param name="Owner">The namespace for which it runs.</param>
/// <param name="Model">Canonical name of its model; empty where one name does not say it.</param>
internal sealed record FleetPlace(string Owner, string Model);
