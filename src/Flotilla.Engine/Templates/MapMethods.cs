namespace Flotilla.Engine.Templates;

/// <summary>The methods of mappings that change nothing.</summary>
internal static class MapMethods
{
    /// <summary>The method of this name, bound to the mapping, or null.</summary>
    public static FunctionValue? Find(MapValue map, string name) => name switch
    {
        "items" => new FunctionValue("items", (interpreter, _) => Items(map, interpreter.Budget)),
        "keys" => new FunctionValue("keys", (interpreter, _) => new ListValue(Operators.Items(map, interpreter.Budget))),
        "values" => new FunctionValue("values", (interpreter, _) => Values(map, interpreter.Budget)),
        "get" => new FunctionValue("get", (interpreter, arguments) => Get(map, arguments, interpreter.Budget)),
        "pop" or "update" or "clear" or "setdefault" or "popitem" => throw Operators.Failure($"Mappings can't be changed ('{name}')."),
        _ => null,
    };

    /// <summary>The entries as pairs.</summary>
    public static ListValue Items(MapValue map, TemplateBudget budget)
    {
        budget.Spend(map.Entries.Count);
        return new ListValue(map.Entries.Select(Value (entry) => new ListValue([new StringValue(entry.Key), entry.Value], isTuple: true)).ToArray());
    }

    private static ListValue Values(MapValue map, TemplateBudget budget)
    {
        budget.Spend(map.Entries.Count);
        return new ListValue(map.Entries.Values.ToArray());
    }

    private static Value Get(MapValue map, CallArguments arguments, TemplateBudget budget) =>
        arguments.Required(0, "key") is StringValue key && Members.TryEntry(map, key.Text, budget, out var value)
            ? value
            : arguments.Optional(1, "default") ?? Value.None;
}
