using System.Collections.Immutable;

namespace Flotilla.Ledger;

/// <summary>All prices at one moment; never changes.</summary>
public sealed class PriceTable
{
    /// <summary>The model name under which the price of every other model is set.</summary>
    public const string AnyModel = "*";

    private readonly ImmutableDictionary<string, Price> _prices;

    internal PriceTable(long version, ImmutableDictionary<string, Price> prices)
    {
        Version = version;
        _prices = prices;
    }

    /// <summary>Grows with every change; a hold keeps the version that it was priced with.</summary>
    public long Version { get; }

    /// <summary>The models with a price of their own, and <see cref="AnyModel"/>.</summary>
    public IReadOnlyDictionary<string, Price> All => _prices;

    /// <summary>The model's own price, or that of <see cref="AnyModel"/>.</summary>
    public Price For(string model) => _prices.TryGetValue(model, out var price) ? price : _prices[AnyModel];

    internal PriceTable With(long version, string model, Price price) => new(version, _prices.SetItem(model, price));
}
