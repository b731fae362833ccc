namespace Flotilla.Gateway.Admin;

/// <summary>A node that has ever joined.</summary>
/// <param name="Id">Its id, from its key.</param>
/// <param name="Operator">The account that earns.</param>
/// <param name="Status"><c>online</c>, <c>offline</c> or <c>revoked</c>.</param>
/// <param name="Name">Its own name; empty while offline.</param>
/// <param name="Region">Its region; empty where it gave none.</param>
/// <param name="Models">What it serves now.</param>
/// <param name="Running">Jobs that run.</param>
/// <param name="Slots">Jobs that can run at once.</param>
/// <param name="Earned">Credits that its operator earned by all nodes.</param>
public sealed record AdminNode(
    string Id, string Operator, string Status, string Name, string Region, IReadOnlyList<AdminNodeModel> Models, int Running, int Slots, string Earned);
