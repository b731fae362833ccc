namespace Flotilla.Gateway.Endpoints;

/// <summary>A model as <c>GET /v1/catalog</c> shows it, whether or not a node serves it now.</summary>
internal sealed record CatalogModel
{
    public required string Id { get; init; }

    public string Object { get; } = "model";

    /// <summary>Seconds since 1970 of its first admission; null where no node serves it.</summary>
    public required long? Created { get; init; }

    public required string OwnedBy { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>What at least one node can do with it.</summary>
    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>Voices of a model that speaks, as its nodes name them.</summary>
    public required IReadOnlyList<string> Voices { get; init; }

    /// <summary>Tokens, on the node with the largest; null where no node tells.</summary>
    public required uint? ContextWindow { get; init; }

    public required IReadOnlyList<string> Runtimes { get; init; }

    /// <summary>Those that its nodes name; a node may name none.</summary>
    public required IReadOnlyList<string> Regions { get; init; }

    public required CatalogPrices Prices { get; init; }

    public required CatalogHealth Health { get; init; }

    public required bool Recommended { get; init; }

    public required bool Deprecated { get; init; }

    public required DateOnly? NoticeDate { get; init; }

    public required DateOnly? ShutdownDate { get; init; }

    public required string? Tier { get; init; }

    public required string? Parameters { get; init; }
}
