using System.Globalization;

namespace Flotilla.Core;

/// <summary>An amount of money in integer micro-credits (µcr). 1 credit = 1,000,000 µcr = 0.01 USD nominal.</summary>
/// <param name="Micro">The amount in micro-credits; negative only in differences, never in a balance.</param>
/// <remarks>Every operation is checked: an overflow throws <see cref="OverflowException"/> and changes nothing.</remarks>
public readonly record struct Credits(long Micro) : IComparable<Credits>
{
    /// <summary>Micro-credits in one credit.</summary>
    public const long MicroPerCredit = 1_000_000;

    /// <summary>No money.</summary>
    public static Credits Zero => default;

    /// <summary>The sum; throws <see cref="OverflowException"/> beyond the range of a 64-bit integer.</summary>
    public static Credits operator +(Credits left, Credits right) => new(checked(left.Micro + right.Micro));

    /// <summary>The difference; throws <see cref="OverflowException"/> beyond the range of a 64-bit integer.</summary>
    public static Credits operator -(Credits left, Credits right) => new(checked(left.Micro - right.Micro));

    /// <summary>Whether the left amount is the smaller one.</summary>
    public static bool operator <(Credits left, Credits right) => left.Micro < right.Micro;

    /// <summary>Whether the left amount is the larger one.</summary>
    public static bool operator >(Credits left, Credits right) => left.Micro > right.Micro;

    /// <summary>Whether the left amount is at most the right one.</summary>
    public static bool operator <=(Credits left, Credits right) => left.Micro <= right.Micro;

    /// <summary>Whether the left amount is at least the right one.</summary>
    public static bool operator >=(Credits left, Credits right) => left.Micro >= right.Micro;

    /// <summary>The smaller of two amounts.</summary>
    public static Credits Min(Credits left, Credits right) => left < right ? left : right;

    /// <inheritdoc />
    public int CompareTo(Credits other) => Micro.CompareTo(other.Micro);

    /// <summary>Reads an amount in credits with at most six decimals, such as <c>12</c> or <c>0.000125</c>.</summary>
    /// <param name="text">Digits, at most one point, an optional leading minus.</param>
    /// <param name="value">The amount, when the answer is true.</param>
    /// <returns>False for anything else, including more than six decimals and amounts beyond the range.</returns>
    public static bool TryParse(string? text, out Credits value)
    {
        value = default;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var credits))
            return false;
        if (Math.Abs(credits) > long.MaxValue / MicroPerCredit)
            return false;
        var micro = credits * MicroPerCredit;
        if (micro != decimal.Truncate(micro))
            return false;
        value = new Credits((long)micro);
        return true;
    }

    /// <summary>The amount in credits, without trailing zeros: 1,500,000 µcr is <c>1.5</c>.</summary>
    public override string ToString() => (Micro / (decimal)MicroPerCredit).ToString("0.######", CultureInfo.InvariantCulture);
}
