using System.Collections.Immutable;

namespace Flotilla.Ledger;

/// <summary>Prices by model, every version kept: what a hold was computed with can be read for ever.</summary>
public sealed class PriceBook
{
    private readonly LedgerWriter _writer;
    private volatile PriceTable _current;

    internal PriceBook(LedgerWriter writer, PriceTable current)
    {
        _writer = writer;
        _current = current;
    }

    /// <summary>The prices in force. Take it once for a request and keep it: a later change must not move a price half way.</summary>
    public PriceTable Current => _current;

    /// <summary>Sets a model's price from now on; running jobs keep theirs.</summary>
    /// <param name="model">A canonical model name, or <see cref="PriceTable.AnyModel"/> for all without a price of their own.</param>
    /// <param name="price">The price.</param>
    /// <param name="ct">Observed until the change is queued.</param>
    /// <returns>The version of the table with this price.</returns>
    /// <exception cref="ArgumentException">The model has no name or one too long, or a part of the price is out of range.</exception>
    public Task<long> SetAsync(string model, Price price, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        Texts.Check(model, LedgerLimits.ModelCharsMax);
        price.ThrowIfInvalid();
        return _writer.RunAsync(
            state => Insert(state.Database, model, price, state.NowMicroseconds()),
            version => _current = _current.With(version, model, price),
            ct);
    }

    internal static PriceTable Load(Database database)
    {
        var prices = ImmutableDictionary.CreateBuilder<string, Price>(StringComparer.Ordinal);
        long version = 0;
        using var rows = database.PrepareOnce("SELECT version, model, input, cached_input, output, node_share_bp FROM price ORDER BY version");
        while (rows.Step())
        {
            version = rows.Int64(0);
            prices[rows.Text(1)] = new Price
            {
                InputPerMillion = new(rows.Int64(2)),
                CachedInputPerMillion = new(rows.Int64(3)),
                OutputPerMillion = new(rows.Int64(4)),
                NodeShareBasisPoints = (int)rows.Int64(5),
            };
        }

        return new PriceTable(version, prices.ToImmutable());
    }

    internal static long Insert(Database database, string model, Price price, long nowMicroseconds)
    {
        using var insert = database.PrepareOnce("""
            INSERT INTO price (model, input, cached_input, output, node_share_bp, created_us) VALUES (?, ?, ?, ?, ?, ?) RETURNING version
            """);
        insert.Bind(1, model).Bind(2, price.InputPerMillion.Micro).Bind(3, price.CachedInputPerMillion.Micro)
            .Bind(4, price.OutputPerMillion.Micro).Bind(5, price.NodeShareBasisPoints).Bind(6, nowMicroseconds).Step();
        return insert.Int64(0);
    }
}
