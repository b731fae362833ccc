namespace Flotilla.Gateway.Admin;

/// <summary>A namespace and its money; amounts are credits in decimal.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Name">Given by whoever made it.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Posted">Funded less charged.</param>
/// <param name="Held">Reserved by running jobs.</param>
/// <param name="Available">What a new job can reserve.</param>
public sealed record AdminNamespace(string Id, string Name, string Account, string Posted, string Held, string Available);
