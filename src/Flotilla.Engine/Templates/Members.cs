using System.Diagnostics.CodeAnalysis;

namespace Flotilla.Engine.Templates;

/// <summary>Attributes, items and slices.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method if there is one of the name, then an entry; undefined if there is neither.</summary>
    public static Value Attribute(Value value, string name) => value switch
    {
        UndefinedValue missing => throw Undefined(missing, name),
        MapValue map => (Value?)MapMethods.Find(map, name) ?? (map.Entries.TryGetValue(name, out var entry) ? entry : new UndefinedValue(name)),
        StringValue text => (Value?)StringMethods.Find(text.Text, name) ?? new UndefinedValue(name),
        NamespaceValue space => space.Attributes.TryGetValue(name, out var attribute) ? attribute : new UndefinedValue(name),
        LoopValue loop => loop.Attribute(name),
        ListValue when name is "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" =>
            throw Operators.Failure($"Lists can't be changed ('{name}')."),
        _ => new UndefinedValue(name),
    };

    /// <summary><c>value[key]</c>: an element or entry; undefined if there is none.</summary>
    public static Value Item(Value value, Value key, TemplateBudget budget)
    {
        switch (value, key)
        {
            case (UndefinedValue missing, _):
                throw Undefined(missing, ValueText.Of(key, budget));
            case (MapValue map, StringValue name):
                return TryEntry(map, name.Text, budget, out var entry) ? entry : Attribute(value, ForeignText.Plain(name.Text));
            case (_, StringValue name):
                return Attribute(value, ForeignText.Plain(name.Text));
            case (ListValue list, _) when Operators.TryInt(key, out var index):
                return At(list.Items, index);
            case (StringValue text, _) when Operators.TryInt(key, out var index):
                return CodePoints.AreUnits(text.Text, budget) ? At(text.Text, index) : At(Operators.Items(text, budget), index);
            default:
                return new UndefinedValue("the element");
        }
    }

    /// <summary>Python's slices: bounds beyond the ends are the ends, negative ones count from the end, the step may run backwards.</summary>
    public static Value Slice(Value value, int? start, int? stop, int? step, TemplateBudget budget)
    {
        if (value is not (ListValue or StringValue))
        {
            throw Operators.Failure($"{ValueText.TypeName(value)} has no slices.");
        }
        var by = step ?? 1;
        if (by == 0)
        {
            throw Operators.Failure("A slice's step can't be 0.");
        }
        if (value is StringValue text && by == 1 && CodePoints.AreUnits(text.Text, budget))
        {
            var (first, end) = Bounds(start, stop, by, text.Text.Length);
            return new StringValue(first < end ? text.Text[first..end] : "");
        }
        var items = Operators.Items(value, budget);
        var (from, to) = Bounds(start, stop, by, items.Count);
        var picked = new List<Value>();
        for (long at = from; by > 0 ? at < to : at > to; at += by)
        {
            budget.Spend();
            picked.Add(items[(int)at]);
        }
        return value is ListValue list ? new ListValue(picked, list.IsTuple) : Joined(picked);
    }

    /// <summary>A mapping's key.</summary>
    public static string Key(Value value) =>
        value is StringValue text ? text.Text : throw Operators.Failure($"A mapping's keys are strings here, not {ValueText.TypeName(value)}.");

    /// <summary>Looks an entry up; hashing the key costs its length.</summary>
    public static bool TryEntry(MapValue map, string key, TemplateBudget budget, [NotNullWhen(true)] out Value? value)
    {
        budget.SpendText(key.Length);
        return map.Entries.TryGetValue(key, out value);
    }

    private static (int From, int To) Bounds(int? start, int? stop, int by, int count)
    {
        var (low, high) = by > 0 ? (0, count) : (-1, count - 1);
        var from = start is null ? (by > 0 ? low : high) : Bounded(start.Value, count, low, high);
        var to = stop is null ? (by > 0 ? high : low) : Bounded(stop.Value, count, low, high);
        return (from, to);
    }

    private static Value At(string text, Int128 index)
    {
        var place = index < 0 ? index + text.Length : index;
        return place >= 0 && place < text.Length ? Value.Of(text.Substring((int)place, 1)) : new UndefinedValue("the element");
    }

    private static int Bounded(int bound, int count, int low, int high) => Math.Clamp(bound < 0 ? bound + count : bound, low, high);

    private static StringValue Joined(List<Value> characters) => new(string.Concat(characters.Select(character => ((StringValue)character).Text)));

    private static Value At(IReadOnlyList<Value> items, Int128 index)
    {
        var place = index < 0 ? index + items.Count : index;
        return place >= 0 && place < items.Count ? items[(int)place] : new UndefinedValue("the element");
    }

    private static TemplateException Undefined(UndefinedValue missing, string name) =>
        Operators.Failure($"'{missing.Name}' is undefined and has no '{name}'.");
}
