namespace Flotilla.Engine.Templates;

/// <summary>The values of a template. None of them reaches anything outside the interpreter; only namespaces change.</summary>
internal abstract class Value
{
    public static readonly Value None = new NoneValue();
    public static readonly Value True = new BoolValue(true);
    public static readonly Value False = new BoolValue(false);

    public static Value Of(bool value) => value ? True : False;

    public static Value Of(string? value) => value is null ? None : new StringValue(value);

    public static Value Of(Int128 value) => new IntValue(value);
}

/// <summary>A name or attribute that does not exist; <paramref name="name"/> says which in errors.</summary>
internal sealed class UndefinedValue(string name) : Value
{
    public string Name => name;
}

internal sealed class NoneValue : Value;

internal sealed class BoolValue(bool value) : Value
{
    public bool Flag => value;
}

/// <summary>Python's integers have no bound; 128 bits hold all that JSON schemas state.</summary>
internal sealed class IntValue(Int128 value) : Value
{
    public Int128 Number => value;
}

internal sealed class FloatValue(double value) : Value
{
    public double Number => value;
}

internal sealed class StringValue(string value) : Value
{
    public string Text => value;
}

internal sealed class ListValue(IReadOnlyList<Value> items, bool isTuple = false) : Value
{
    public IReadOnlyList<Value> Items => items;

    public bool IsTuple => isTuple;
}

/// <summary>A mapping in insertion order.</summary>
internal sealed class MapValue(OrderedDictionary<string, Value> entries) : Value
{
    public OrderedDictionary<string, Value> Entries => entries;
}

/// <summary>What <c>namespace()</c> returns: the one value whose attributes can be set.</summary>
internal sealed class NamespaceValue(Dictionary<string, Value> attributes) : Value
{
    public Dictionary<string, Value> Attributes => attributes;
}

/// <summary>Something that can be called: a macro, a global, a method with its object.</summary>
internal sealed class FunctionValue(string name, Func<Interpreter, CallArguments, Value> invoke) : Value
{
    public string Name => name;

    public Value Invoke(Interpreter interpreter, CallArguments arguments) => invoke(interpreter, arguments);
}

/// <summary>A loop's <c>loop</c>.</summary>
internal sealed class LoopValue(IReadOnlyList<Value> items) : Value
{
    private Value? _changed;

    public int Index { get; set; }

    public Value Attribute(string name) => name switch
    {
        "index" => Of(Index + 1),
        "index0" => Of(Index),
        "revindex" => Of(items.Count - Index),
        "revindex0" => Of(items.Count - Index - 1),
        "first" => Of(Index == 0),
        "last" => Of(Index == items.Count - 1),
        "length" => Of(items.Count),
        "depth" => Of(1),
        "depth0" => Of(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("loop.previtem"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("loop.nextitem"),
        "cycle" => new FunctionValue("loop.cycle", Cycle),
        "changed" => new FunctionValue("loop.changed", Changed),
        _ => new UndefinedValue($"loop.{name}"),
    };

    private Value Cycle(Interpreter interpreter, CallArguments arguments) =>
        arguments.Count > 0
            ? arguments[Index % arguments.Count]
            : throw new TemplateException(TemplateError.Evaluation, "loop.cycle() needs at least one value.");

    private Value Changed(Interpreter interpreter, CallArguments arguments)
    {
        var now = new ListValue(arguments.Positional);
        var changed = _changed is null || !Comparer.AreEqual(_changed, now, interpreter.Budget);
        _changed = now;
        return Of(changed);
    }
}
