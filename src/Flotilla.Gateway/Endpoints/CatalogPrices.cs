namespace Flotilla.Gateway.Endpoints;

/// <summary>Credits for a million units, decimal.</summary>
internal sealed record CatalogPrices(string Input, string CachedInput, string Output)
{
    public string Unit { get; } = "credits per million tokens";
}
