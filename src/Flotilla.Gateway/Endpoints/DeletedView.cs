namespace Flotilla.Gateway.Endpoints;

/// <summary>What a deletion answers.</summary>
/// <param name="Id">What was deleted.</param>
/// <param name="Object">What it was.</param>
internal sealed record DeletedView(string Id, string Object)
{
    public bool Deleted { get; } = true;
}
