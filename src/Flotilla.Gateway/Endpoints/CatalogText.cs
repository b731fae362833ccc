using Flotilla.Gateway.Nodes;
using Flotilla.Ledger;

namespace Flotilla.Gateway.Endpoints;

/// <summary>The catalog as it was written, from what, and when.</summary>
internal sealed record CatalogText(FleetSnapshot Fleet, PriceTable Prices, long Written, byte[] Json);
