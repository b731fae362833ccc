namespace Flotilla.Engine.Templates;

/// <summary>Equality, order and membership, as Python has them.</summary>
internal static class Comparer
{
    public static bool Holds(string symbol, Value left, Value right, TemplateBudget budget) => symbol switch
    {
        "==" => AreEqual(left, right, budget),
        "!=" => !AreEqual(left, right, budget),
        "in" => Contains(right, left, budget),
        "not in" => !Contains(right, left, budget),
        "<" => Compare(left, right, budget) < 0,
        ">" => Compare(left, right, budget) > 0,
        "<=" => Compare(left, right, budget) <= 0,
        ">=" => Compare(left, right, budget) >= 0,
        _ => throw new InvalidOperationException($"No rule compares with '{symbol}'."),
    };

    public static bool AreEqual(Value left, Value right, TemplateBudget budget)
    {
        budget.Enter();
        var equal = (left, right) switch
        {
            (NoneValue, NoneValue) or (UndefinedValue, UndefinedValue) => true,
            (StringValue first, StringValue second) => AreEqual(first.Text, second.Text, budget),
            (ListValue first, ListValue second) => first.IsTuple == second.IsTuple && AreEqual(first.Items, second.Items, budget),
            (MapValue first, MapValue second) => AreEqual(first.Entries, second.Entries, budget),
            _ when Operators.TryInt(left, out var first) && Operators.TryInt(right, out var second) => first == second,
            _ when Operators.TryFloat(left, out var first) && Operators.TryFloat(right, out var second) => first == second,
            _ => ReferenceEquals(left, right),
        };
        budget.Leave();
        return equal;
    }

    /// <summary>Whether a container has an element, a mapping a key, or a text a part.</summary>
    public static bool Contains(Value container, Value element, TemplateBudget budget)
    {
        switch (container)
        {
            case StringValue text when element is StringValue part:
                budget.SpendText(text.Text.Length);
                return ForeignText.Plain(text.Text).Contains(ForeignText.Plain(part.Text), StringComparison.Ordinal);
            case MapValue map:
                return element is StringValue key && Members.TryEntry(map, key.Text, budget, out _);
            case ListValue list:
                foreach (var item in list.Items)
                {
                    if (AreEqual(item, element, budget))
                    {
                        return true;
                    }
                }
                return false;
            case UndefinedValue:
                return false;
            default:
                throw Operators.Failure($"'in' does not fit {ValueText.TypeName(element)} and {ValueText.TypeName(container)}.");
        }
    }

    public static int Compare(Value left, Value right, TemplateBudget budget)
    {
        budget.Enter();
        var order = (left, right) switch
        {
            (StringValue first, StringValue second) => Compare(first.Text, second.Text, budget),
            (ListValue first, ListValue second) when first.IsTuple == second.IsTuple => Compare(first.Items, second.Items, budget),
            _ when Operators.TryInt(left, out var first) && Operators.TryInt(right, out var second) => first.CompareTo(second),
            _ when Operators.TryFloat(left, out var first) && Operators.TryFloat(right, out var second) => first.CompareTo(second),
            _ => throw Operators.Failure($"{ValueText.TypeName(left)} and {ValueText.TypeName(right)} have no order."),
        };
        budget.Leave();
        return order;
    }

    private static bool AreEqual(string left, string right, TemplateBudget budget)
    {
        if (left.Length != right.Length)
        {
            return false;
        }
        budget.SpendText(left.Length);
        return ForeignText.AreEqual(left, right);
    }

    private static int Compare(string left, string right, TemplateBudget budget)
    {
        budget.SpendText(Math.Min(left.Length, right.Length));
        return string.CompareOrdinal(ForeignText.Plain(left), ForeignText.Plain(right));
    }

    private static bool AreEqual(IReadOnlyList<Value> left, IReadOnlyList<Value> right, TemplateBudget budget)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        for (var index = 0; index < left.Count; index++)
        {
            if (!AreEqual(left[index], right[index], budget))
            {
                return false;
            }
        }
        return true;
    }

    private static bool AreEqual(OrderedDictionary<string, Value> left, OrderedDictionary<string, Value> right, TemplateBudget budget)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || !AreEqual(value, other, budget))
            {
                return false;
            }
        }
        return true;
    }

    private static int Compare(IReadOnlyList<Value> left, IReadOnlyList<Value> right, TemplateBudget budget)
    {
        for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
        {
            if (!AreEqual(left[index], right[index], budget))
            {
                return Compare(left[index], right[index], budget);
            }
        }
        return left.Count.CompareTo(right.Count);
    }
}
