namespace Flotilla.Engine.Templates;

/// <summary>What follows <c>is</c>.</summary>
internal delegate bool TestFunction(Interpreter interpreter, Value value, CallArguments arguments);

/// <summary>The tests by name.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, TestFunction> s_tests = new(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => value is not UndefinedValue,
        ["undefined"] = (_, value, _) => value is UndefinedValue,
        ["none"] = (_, value, _) => value is NoneValue,
        ["true"] = (_, value, _) => value is BoolValue { Flag: true },
        ["false"] = (_, value, _) => value is BoolValue { Flag: false },
        ["boolean"] = (_, value, _) => value is BoolValue,
        ["integer"] = (_, value, _) => value is IntValue,
        ["float"] = (_, value, _) => value is FloatValue,
        ["number"] = (_, value, _) => value is IntValue or FloatValue or BoolValue,
        ["string"] = (_, value, _) => value is StringValue,
        ["mapping"] = (_, value, _) => value is MapValue,
        ["sequence"] = (_, value, _) => value is ListValue or StringValue or MapValue or UndefinedValue,
        ["iterable"] = (_, value, _) => value is ListValue or StringValue or MapValue or UndefinedValue,
        ["callable"] = (_, value, _) => value is FunctionValue,
        ["sameas"] = (interpreter, value, arguments) => IsSame(value, arguments.Required(0, "other")),
        ["odd"] = (_, value, _) => Integer(value, "odd") % 2 != 0,
        ["even"] = (_, value, _) => Integer(value, "even") % 2 == 0,
        ["divisibleby"] = (_, value, arguments) => IsDivisible(Integer(value, "divisibleby"), NonZero(arguments)),
        ["lower"] = (interpreter, value, _) => Text(value, interpreter) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        ["upper"] = (interpreter, value, _) => Text(value, interpreter) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        ["in"] = (interpreter, value, arguments) => Comparer.Contains(arguments.Required(0, "seq"), value, interpreter.Budget),
        ["eq"] = Comparison("=="),
        ["equalto"] = Comparison("=="),
        ["ne"] = Comparison("!="),
        ["lt"] = Comparison("<"),
        ["lessthan"] = Comparison("<"),
        ["le"] = Comparison("<="),
        ["gt"] = Comparison(">"),
        ["greaterthan"] = Comparison(">"),
        ["ge"] = Comparison(">="),
    };

    /// <summary>The test of this name, or null.</summary>
    public static TestFunction? Find(string name) => s_tests.GetValueOrDefault(name);

    private static TestFunction Comparison(string symbol) =>
        (interpreter, value, arguments) => Comparer.Holds(symbol, value, arguments.Required(0, "other"), interpreter.Budget);

    private static string Text(Value value, Interpreter interpreter)
    {
        var text = ValueText.Of(value, interpreter.Budget);
        interpreter.Budget.SpendText(text.Length);
        return ForeignText.Plain(text);
    }

    // The least integer divided by -1 has no result in 128 bits.
    private static bool IsDivisible(Int128 number, Int128 divisor) => divisor == -1 || number % divisor == 0;

    private static bool IsSame(Value value, Value other) =>
        ReferenceEquals(value, other) || (value, other) is (NoneValue, NoneValue)
        || (value is BoolValue first && other is BoolValue second && first.Flag == second.Flag)
        || (value is IntValue number && other is IntValue same && number.Number == same.Number);

    private static Int128 Integer(Value value, string test) =>
        Operators.TryInt(value, out var number) ? number : throw Operators.Failure($"'is {test}' needs an integer, not {ValueText.TypeName(value)}.");

    private static Int128 NonZero(CallArguments arguments) =>
        Integer(arguments.Required(0, "num"), "divisibleby") is var number && number != 0 ? number : throw Operators.Failure("Division by zero.");
}
