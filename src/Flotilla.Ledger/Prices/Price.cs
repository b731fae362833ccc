using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>What a model costs, and what of it goes to the node.</summary>
public sealed record Price
{
    private const long TokensPerPriceUnit = 1_000_000;

    /// <summary>Hundredths of a percent in a whole.</summary>
    public const int BasisPoints = 10_000;

    /// <summary>For a million prompt tokens.</summary>
    public required Credits InputPerMillion { get; init; }

    /// <summary>For a million prompt tokens that came from a cache.</summary>
    public required Credits CachedInputPerMillion { get; init; }

    /// <summary>For a million delivered tokens.</summary>
    public required Credits OutputPerMillion { get; init; }

    /// <summary>The operator's part of a charge, in hundredths of a percent, 0 to 10,000.</summary>
    public required int NodeShareBasisPoints { get; init; }

    /// <summary>What this much work costs, rounded up once, for the whole.</summary>
    /// <param name="input">Prompt tokens, with the cached ones.</param>
    /// <param name="cached">Prompt tokens that came from a cache; at most <paramref name="input"/>.</param>
    /// <param name="output">Delivered tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is below zero, or more is cached than there is.</exception>
    /// <exception cref="OverflowException">The cost is beyond the range of 64-bit micro-credits.</exception>
    public Credits Cost(long input, long cached, long output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input);
        ArgumentOutOfRangeException.ThrowIfNegative(cached);
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cached, input);
        return Sum(input - cached, InputPerMillion, cached, output);
    }

    /// <summary>The most that a job can cost: nothing of the prompt cached (or all of it, where that is dearer), every token used.</summary>
    /// <param name="input">Prompt tokens.</param>
    /// <param name="outputMax">The most tokens that can be delivered, over all choices.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is below zero.</exception>
    /// <exception cref="OverflowException">The cost is beyond the range of 64-bit micro-credits.</exception>
    public Credits WorstCase(long input, long outputMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input);
        ArgumentOutOfRangeException.ThrowIfNegative(outputMax);
        var dearer = InputPerMillion > CachedInputPerMillion ? InputPerMillion : CachedInputPerMillion;
        return Sum(input, dearer, 0, outputMax);
    }

    /// <summary>This price at a discount: every amount times the factor, rounded up; the operator's share of it stays.</summary>
    /// <param name="basisPoints">The factor in hundredths of a percent, 0 to 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range.</exception>
    public Price Times(int basisPoints)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(basisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(basisPoints, BasisPoints);
        return basisPoints == BasisPoints ? this : this with
        {
            InputPerMillion = Part(InputPerMillion, basisPoints),
            CachedInputPerMillion = Part(CachedInputPerMillion, basisPoints),
            OutputPerMillion = Part(OutputPerMillion, basisPoints),
        };
    }

    /// <summary>The operator's part of a charge, rounded down: what rounding leaves is the network's.</summary>
    public Credits NodePayOf(Credits charge) => new(checked((long)((Int128)charge.Micro * NodeShareBasisPoints / BasisPoints)));

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(InputPerMillion.Micro, nameof(InputPerMillion));
        ArgumentOutOfRangeException.ThrowIfNegative(CachedInputPerMillion.Micro, nameof(CachedInputPerMillion));
        ArgumentOutOfRangeException.ThrowIfNegative(OutputPerMillion.Micro, nameof(OutputPerMillion));
        ArgumentOutOfRangeException.ThrowIfNegative(NodeShareBasisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NodeShareBasisPoints, BasisPoints);
    }

    private static Credits Part(Credits whole, int basisPoints) =>
        new((long)((((Int128)whole.Micro * basisPoints) + (BasisPoints - 1)) / BasisPoints));

    private Credits Sum(long input, Credits inputPrice, long cached, long output)
    {
        // Three products of 63 by 63 bits fit into 127 bits; only the way back to 64 bits can fail.
        var sum = ((Int128)input * inputPrice.Micro) + ((Int128)cached * CachedInputPerMillion.Micro) + ((Int128)output * OutputPerMillion.Micro);
        var (whole, rest) = Int128.DivRem(sum, TokensPerPriceUnit);
        return new Credits(checked((long)(whole + (rest > 0 ? 1 : 0))));
    }
}
