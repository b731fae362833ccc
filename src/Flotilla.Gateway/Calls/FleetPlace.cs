namespace Flotilla.Gateway.Calls;

/// <summary>A place of one call in the <see cref="FleetRoom"/>.</summary>
/// <param name="Owner">The namespace for which it runs.</param>
/// <param name="Models">Canonical names of the models that it asks; none where the request does not name them in one text.</param>
internal sealed record FleetPlace(string Owner, IReadOnlyList<string> Models);
