namespace Flotilla.Gateway.Endpoints;

/// <summary>The answer of <c>GET /v1/catalog</c>.</summary>
internal sealed record CatalogList(IReadOnlyList<CatalogModel> Data)
{
    public string Object { get; } = "list";
}
