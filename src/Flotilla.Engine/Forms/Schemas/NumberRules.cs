using System.Globalization;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Numbers between bounds, digit by digit: no exponents, at most <see cref="JsonRules.DigitsMax"/> digits on either side of the point.</summary>
internal sealed class NumberRules(GrammarBuilder grammar, JsonRules json)
{
    private const long WholeMax = 999_999_999_999_999;

    private static readonly ByteSet s_digits = ByteSet.Range('0', '9');

    /// <summary>A number as the facts say.</summary>
    public int Entry(SchemaFacts facts)
    {
        var hasFraction = facts.Types.HasFlag(JsonTypes.Fraction);
        if (facts.Least is null && facts.Greatest is null)
            return hasFraction ? json.AnyNumber(Grammar.Return) : json.AnyInteger(Grammar.Return);
        Func<Bound, Bound, int> range = hasFraction ? Decimals : Integers;
        var branches = new List<int>();
        // Zero is written without a sign, so the negative numbers begin behind it.
        if (facts.Greatest is null or { Value: >= 0 })
        {
            var from = facts.Least is { Value: >= 0 } least ? Bound.Of(least.Value, least.IsExcluded) : Bound.Of(0, isExcluded: false);
            branches.Add(range(from, facts.Greatest is { } most ? Bound.Of(most.Value, most.IsExcluded) : Bound.None));
        }

        if (facts.Least is null or { Value: < 0 })
        {
            var from = facts.Greatest is { Value: < 0 } greatest ? Bound.Of(-greatest.Value, greatest.IsExcluded) : Bound.Of(0, isExcluded: true);
            branches.Add(grammar.Text("-", range(from, facts.Least is { } least ? Bound.Of(-least.Value, least.IsExcluded) : Bound.None)));
        }

        return grammar.Either([.. branches]);
    }

    private int Integers(Bound from, Bound to)
    {
        var first = from.IsExcluded || from.HasFraction ? from.Whole + 1 : from.Whole;
        var last = to.IsExcluded && !to.HasFraction ? to.Whole - 1 : to.Whole;
        return Whole(first, last, Grammar.Return);
    }

    private int Decimals(Bound from, Bound to)
    {
        if (from.Whole > to.Whole)
            return grammar.Either();
        if (from.Whole == to.Whole)
            return grammar.Text(Written(from.Whole), Fraction(from, to));
        return grammar.Either(
            grammar.Text(Written(from.Whole), Fraction(from, null)),
            Whole(from.Whole + 1, to.Whole - 1, Fraction(null, null)),
            grammar.Text(Written(to.Whole), Fraction(null, to)));
    }

    /// <summary>The whole numbers between two that are not negative; none where the first is the greater.</summary>
    private int Whole(long first, long last, int next)
    {
        var branches = new List<int>();
        for (long least = 0, most = 9; first <= last && least <= last; (least, most) = (most + 1, (most * 10) + 9))
        {
            if (first <= most)
                branches.Add(Digits(Written(Math.Max(first, least)), Written(Math.Min(last, most)), 0, isLow: true, isHigh: true, next));
        }

        return grammar.Either([.. branches]);
    }

    /// <summary>The rest, from a digit on, of numbers of one length between two; a side counts while all digits so far were its own.</summary>
    private int Digits(string low, string high, int at, bool isLow, bool isHigh, int next)
    {
        if (at == low.Length)
            return next;
        if (!isLow && !isHigh)
            return grammar.Repeat(end => grammar.Bytes(s_digits, end), low.Length - at, low.Length - at, next);
        var (least, most) = (isLow ? low[at] : '0', isHigh ? high[at] : '9');
        if (isLow && isHigh && least == most)
            return grammar.Bytes(ByteSet.Of((byte)least), Digits(low, high, at + 1, isLow: true, isHigh: true, next));
        var branches = new List<int>();
        if (isLow)
            branches.Add(grammar.Bytes(ByteSet.Of((byte)least++), Digits(low, high, at + 1, isLow: true, isHigh: false, next)));
        if (isHigh)
            branches.Add(grammar.Bytes(ByteSet.Of((byte)most--), Digits(low, high, at + 1, isLow: false, isHigh: true, next)));
        if (least <= most)
            branches.Add(grammar.Bytes(ByteSet.Range(least, most), Digits(low, high, at + 1, isLow: false, isHigh: false, next)));
        return grammar.Either([.. branches]);
    }

    /// <summary>What may follow the digits before the point, where these are those of the bounds that are given.</summary>
    private int Fraction(Bound? from, Bound? to)
    {
        // By digits written and by which bounds still count; the last digit first, for each node needs those behind it.
        var nodes = new int[4];
        for (var at = JsonRules.DigitsMax; at >= 0; at--)
        {
            var now = new int[4];
            for (var sides = 0; sides < 4; sides++)
            {
                var (low, high) = ((sides & 1) == 0 ? null : from, (sides & 2) == 0 ? null : to);
                var branches = new List<int>();
                if ((low?.IsReachedBy(at) ?? true) && (high?.IsHeldBy(at) ?? true))
                    branches.Add(Grammar.Return);
                var more = at < JsonRules.DigitsMax ? grammar.Either(Groups(low, high, at, nodes)) : grammar.Either();
                branches.Add(at == 0 ? grammar.Text(".", more) : more);
                now[sides] = grammar.Either([.. branches]);
            }

            nodes = now;
        }

        return nodes[(from is null ? 0 : 1) | (to is null ? 0 : 2)];
    }

    private int[] Groups(Bound? low, Bound? high, int at, int[] nodes)
    {
        var groups = new Dictionary<int, ByteSet>();
        for (var digit = '0'; digit <= '9'; digit++)
        {
            if (digit < low?.Fraction[at] || digit > high?.Fraction[at])
                continue;
            var sides = (digit == low?.Fraction[at] ? 1 : 0) | (digit == high?.Fraction[at] ? 2 : 0);
            groups[sides] = groups.GetValueOrDefault(sides) | ByteSet.Of((byte)digit);
        }

        return [.. groups.OrderBy(g => g.Key).Select(g => grammar.Bytes(g.Value, nodes[g.Key]))];
    }

    private static string Written(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One end of a range of numbers that are not negative.</summary>
    /// <param name="Whole">What stands before the point.</param>
    /// <param name="Fraction">What stands behind it, filled up with zeros.</param>
    /// <param name="IsExcluded">Whether the number itself is outside.</param>
    private sealed record Bound(long Whole, string Fraction, bool IsExcluded)
    {
        /// <summary>As far as numbers go.</summary>
        public static Bound None { get; } = new(WholeMax, new string('9', JsonRules.DigitsMax), IsExcluded: false);

        public bool HasFraction => Fraction.AsSpan().ContainsAnyExcept('0');

        public static Bound Of(decimal value, bool isExcluded)
        {
            var whole = decimal.Truncate(value);
            var digits = (value - whole).ToString($"F{JsonRules.DigitsMax}", CultureInfo.InvariantCulture);
            return new Bound((long)whole, digits[2..], isExcluded);
        }

        /// <summary>Whether a number with the bound's first digits behind the point and no more is at or above it.</summary>
        public bool IsReachedBy(int digits) => !Fraction.AsSpan(digits).ContainsAnyExcept('0') && !IsExcluded;

        /// <summary>Whether it is at or below it.</summary>
        public bool IsHeldBy(int digits) => Fraction.AsSpan(digits).ContainsAnyExcept('0') || !IsExcluded;
    }
}
