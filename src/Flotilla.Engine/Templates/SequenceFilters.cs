namespace Flotilla.Engine.Templates;

/// <summary>The filters on lists, mappings and strings as sequences.</summary>
internal static class SequenceFilters
{
    private static readonly Dictionary<string, FilterFunction> s_filters = new(StringComparer.Ordinal)
    {
        ["length"] = Length,
        ["count"] = Length,
        ["first"] = (interpreter, value, _) => Edge(Operators.Items(value, interpreter.Budget), fromEnd: false),
        ["last"] = (interpreter, value, _) => Edge(Operators.Items(value, interpreter.Budget), fromEnd: true),
        ["list"] = (interpreter, value, _) => new ListValue(Operators.Items(value, interpreter.Budget)),
        ["items"] = (interpreter, value, _) => value switch
        {
            MapValue map => MapMethods.Items(map, interpreter.Budget),
            UndefinedValue => new ListValue([]),
            _ => throw Operators.Failure($"'items' needs a mapping, not {ValueText.TypeName(value)}."),
        },
        ["join"] = Join,
        ["map"] = Map,
        ["select"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, keeps: true, byAttribute: false),
        ["reject"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, keeps: false, byAttribute: false),
        ["selectattr"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, keeps: true, byAttribute: true),
        ["rejectattr"] = (interpreter, value, arguments) => Select(interpreter, value, arguments, keeps: false, byAttribute: true),
        ["reverse"] = Reverse,
        ["sort"] = Sort,
        ["dictsort"] = DictSort,
        ["unique"] = Unique,
        ["sum"] = Sum,
        ["min"] = (interpreter, value, _) => Extreme(interpreter, value, -1),
        ["max"] = (interpreter, value, _) => Extreme(interpreter, value, 1),
    };

    /// <summary>The filter of this name, or null.</summary>
    public static FilterFunction? Find(string name) => s_filters.GetValueOrDefault(name);

    private static Value Length(Interpreter interpreter, Value value, CallArguments arguments)
    {
        switch (value)
        {
            case StringValue text:
                interpreter.Budget.SpendText(text.Text.Length);
                return Value.Of(CodePoints.Count(text.Text));
            case ListValue list:
                return Value.Of(list.Items.Count);
            case MapValue map:
                return Value.Of(map.Entries.Count);
            case UndefinedValue:
                return Value.Of(0);
            default:
                throw Operators.Failure($"{ValueText.TypeName(value)} has no length.");
        }
    }

    private static Value Edge(IReadOnlyList<Value> items, bool fromEnd) =>
        items.Count == 0 ? new UndefinedValue("the element of an empty sequence") : items[fromEnd ? items.Count - 1 : 0];

    private static StringValue Join(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var items = Operators.Items(value, interpreter.Budget);
        if (arguments.Optional(1, "attribute") is { } path)
        {
            items = items.Select(item => Follow(item, path, interpreter.Budget)).ToArray();
        }
        return StringMethods.Join(ValueText.Of(arguments.Optional(0, "d") ?? Value.Of(""), interpreter.Budget), items, interpreter.Budget);
    }

    /// <summary>Each element through a filter, or an attribute of each.</summary>
    private static ListValue Map(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var items = Operators.Items(value, interpreter.Budget);
        if (arguments.Count == 0)
        {
            var path = arguments.Required(0, "attribute");
            var fallback = arguments.Optional(1, "default");
            return Each(interpreter, items, item => Follow(item, path, interpreter.Budget) is var found && found is UndefinedValue && fallback is not null ? fallback : found);
        }
        var name = arguments.Text(0, "filter");
        var filter = Filters.Find(name) ?? throw new TemplateException(TemplateError.Unsupported, $"The filter '{name}' is not supported.");
        var rest = new CallArguments(name, arguments.Positional.Skip(1).ToArray(), arguments.Named);
        return Each(interpreter, items, item => filter(interpreter, item, rest));
    }

    private static ListValue Each(Interpreter interpreter, IReadOnlyList<Value> items, Func<Value, Value> change)
    {
        var changed = new Value[items.Count];
        for (var index = 0; index < changed.Length; index++)
        {
            interpreter.Budget.Spend();
            changed[index] = change(items[index]);
        }
        return new ListValue(changed);
    }

    private static ListValue Select(Interpreter interpreter, Value value, CallArguments arguments, bool keeps, bool byAttribute)
    {
        var skipped = byAttribute ? 1 : 0;
        var path = byAttribute ? arguments.Required(0, "attribute") : null;
        TestFunction test = (_, item, _) => Operators.IsTrue(item);
        var rest = new CallArguments(arguments.Callee, arguments.Positional.Skip(skipped + 1).ToArray(), []);
        if (arguments.Count > skipped)
        {
            var name = arguments.Text(skipped, "test");
            test = Tests.Find(name) ?? throw new TemplateException(TemplateError.Unsupported, $"The test '{name}' is not supported.");
        }
        var kept = new List<Value>();
        foreach (var item in Operators.Items(value, interpreter.Budget))
        {
            interpreter.Budget.Spend();
            var subject = path is null ? item : Follow(item, path, interpreter.Budget);
            if (test(interpreter, subject, rest) == keeps)
            {
                kept.Add(item);
            }
        }
        return new ListValue(kept);
    }

    private static Value Reverse(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var items = Operators.Items(value, interpreter.Budget).Reverse().ToArray();
        interpreter.Budget.Spend(items.Length);
        return value is StringValue ? StringMethods.Join("", items, interpreter.Budget) : new ListValue(items);
    }

    private static ListValue Sort(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var path = arguments.Optional(2, "attribute");
        var ignoresCase = arguments.Optional(1, "case_sensitive") is not { } sensitive || !Operators.IsTrue(sensitive);
        Value Key(Value item) => Folded(path is null ? item : Follow(item, path, interpreter.Budget), ignoresCase, interpreter.Budget);
        return Sorted(interpreter, Operators.Items(value, interpreter.Budget), Key, IsSet(arguments, 0, "reverse"));
    }

    private static ListValue DictSort(Interpreter interpreter, Value value, CallArguments arguments)
    {
        if (value is not MapValue map)
        {
            throw Operators.Failure($"'dictsort' needs a mapping, not {ValueText.TypeName(value)}.");
        }
        var place = arguments.OptionalText(1, "by") == "value" ? 1 : 0;
        var ignoresCase = !IsSet(arguments, 0, "case_sensitive");
        Value Key(Value pair) => Folded(((ListValue)pair).Items[place], ignoresCase, interpreter.Budget);
        return Sorted(interpreter, MapMethods.Items(map, interpreter.Budget).Items, Key, IsSet(arguments, 2, "reverse"));
    }

    private static ListValue Sorted(Interpreter interpreter, IReadOnlyList<Value> items, Func<Value, Value> key, bool isReversed)
    {
        var comparer = Comparer<Value>.Create((left, right) => Templates.Comparer.Compare(left, right, interpreter.Budget));
        var sorted = isReversed ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer);
        try
        {
            return new ListValue(sorted.ToArray());
        }
        catch (InvalidOperationException failure) when (failure.InnerException is TemplateException cause)
        {
            throw new TemplateException(cause.Error, cause.Detail);
        }
    }

    private static ListValue Unique(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var seen = new List<Value>();
        var kept = new List<Value>();
        foreach (var item in Operators.Items(value, interpreter.Budget))
        {
            var folded = Folded(item, ignoresCase: true, interpreter.Budget);
            if (!seen.Any(other => Templates.Comparer.AreEqual(other, folded, interpreter.Budget)))
            {
                seen.Add(folded);
                kept.Add(item);
            }
        }
        return new ListValue(kept);
    }

    private static Value Sum(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var path = arguments.Optional(0, "attribute");
        var sum = arguments.Optional(1, "start") ?? Value.Of(0);
        foreach (var item in Operators.Items(value, interpreter.Budget))
        {
            sum = Operators.Binary("+", sum, path is null or NoneValue ? item : Follow(item, path, interpreter.Budget), interpreter.Budget);
        }
        return sum;
    }

    private static Value Extreme(Interpreter interpreter, Value value, int sign)
    {
        var items = Operators.Items(value, interpreter.Budget);
        var extreme = Edge(items, fromEnd: false);
        foreach (var item in items)
        {
            var order = Templates.Comparer.Compare(
                Folded(item, ignoresCase: true, interpreter.Budget), Folded(extreme, ignoresCase: true, interpreter.Budget), interpreter.Budget);
            extreme = order * sign > 0 ? item : extreme;
        }
        return extreme;
    }

    /// <summary>The value at the end of a path such as <c>function.name</c>.</summary>
    private static Value Follow(Value value, Value path, TemplateBudget budget)
    {
        if (path is not StringValue text)
        {
            return Members.Item(value, path, budget);
        }
        budget.SpendText(text.Text.Length);
        foreach (var name in ForeignText.Plain(text.Text).Split('.'))
        {
            budget.Spend();
            value = Members.Item(value, Int128.TryParse(name, out var index) ? Value.Of(index) : Value.Of(name), budget);
        }
        return value;
    }

    private static Value Folded(Value value, bool ignoresCase, TemplateBudget budget)
    {
        if (!ignoresCase || value is not StringValue text)
            return value;
        budget.SpendText(text.Text.Length);
        return new StringValue(ForeignText.Plain(text.Text).ToLowerInvariant());
    }

    private static bool IsSet(CallArguments arguments, int index, string name) => arguments.Optional(index, name) is { } flag && Operators.IsTrue(flag);
}
