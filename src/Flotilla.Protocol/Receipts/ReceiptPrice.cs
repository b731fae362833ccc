namespace Flotilla.Protocol.Receipts;

/// <summary>The price that a receipt was computed with; all in micro-credits.</summary>
public sealed record ReceiptPrice
{
    internal const int BasisPoints = 10_000;
    private const long TokensPerUnit = 1_000_000;

    /// <summary>For a million prompt tokens.</summary>
    public required long InputPerMillion { get; init; }

    /// <summary>For a million prompt tokens that came from a cache.</summary>
    public required long CachedInputPerMillion { get; init; }

    /// <summary>For a million generated tokens.</summary>
    public required long OutputPerMillion { get; init; }

    /// <summary>The node's part of a charge, in hundredths of a percent.</summary>
    public required long NodeShareBasisPoints { get; init; }

    /// <summary>What the tokens cost by this price, rounded up once for the whole; null where the numbers make no sense together.</summary>
    /// <param name="prompt">Prompt tokens, with the cached ones.</param>
    /// <param name="cached">Prompt tokens that came from a cache.</param>
    /// <param name="completion">Generated tokens.</param>
    internal Int128? Cost(long prompt, long cached, long completion)
    {
        long[] all = [InputPerMillion, CachedInputPerMillion, OutputPerMillion, prompt, cached, completion];
        if (all.Any(n => n < 0) || cached > prompt)
            return null;
        // Three products of 63 by 63 bits stay below 2¹²⁸.
        var sum = (Int128)(prompt - cached) * InputPerMillion + (Int128)cached * CachedInputPerMillion + (Int128)completion * OutputPerMillion;
        var (whole, rest) = Int128.DivRem(sum, TokensPerUnit);
        return rest > 0 ? whole + 1 : whole;
    }

    /// <summary>The most that the node gets of a charge, rounded down.</summary>
    internal Int128 NodePayMax(long charge) => (Int128)charge * NodeShareBasisPoints / BasisPoints;

    internal CanonicalJson AddTo(CanonicalJson json) => json
        .Add("cached_input", CachedInputPerMillion)
        .Add("input", InputPerMillion)
        .Add("node_share_basis_points", NodeShareBasisPoints)
        .Add("output", OutputPerMillion);
}
