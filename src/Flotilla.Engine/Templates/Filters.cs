namespace Flotilla.Engine.Templates;

/// <summary>What follows <c>|</c>.</summary>
internal delegate Value FilterFunction(Interpreter interpreter, Value value, CallArguments arguments);

/// <summary>The filters by name: those on one value here, those on sequences in <see cref="SequenceFilters"/>.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, FilterFunction> s_filters = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["tojson"] = (interpreter, value, arguments) => Value.Of(JsonText.Of(value, arguments, interpreter.Budget)),
        ["string"] = (interpreter, value, _) => Value.Of(ValueText.Of(value, interpreter.Budget)),
        ["safe"] = (interpreter, value, _) => Value.Of(ValueText.Of(value, interpreter.Budget)),
        ["trim"] = Text((text, arguments) => StringMethods.Strip(text, arguments.OptionalText(0, "chars"), true, true)),
        ["upper"] = Text((text, _) => ForeignText.Change(text, plain => plain.ToUpperInvariant())),
        ["lower"] = Text((text, _) => ForeignText.Change(text, plain => plain.ToLowerInvariant())),
        ["capitalize"] = Text((text, _) => ForeignText.Change(text, StringMethods.Capitalize)),
        ["title"] = Text((text, _) => ForeignText.Change(text, Title)),
        ["escape"] = Text((text, _) => Escaped(text)),
        ["e"] = Text((text, _) => Escaped(text)),
        ["replace"] = Replace,
        ["indent"] = Indent,
        ["int"] = ToInt,
        ["float"] = ToFloat,
        ["abs"] = (_, value, _) => value is FloatValue number ? new FloatValue(Math.Abs(number.Number)) : Abs(value),
        ["round"] = Round,
        ["attr"] = (_, value, arguments) => Members.Attribute(value, ForeignText.Plain(arguments.Text(0, "name"))),
    };

    /// <summary>The filter of this name, or null.</summary>
    public static FilterFunction? Find(string name) => s_filters.GetValueOrDefault(name) ?? SequenceFilters.Find(name);

    private static FilterFunction Text(Func<string, CallArguments, string> change) => (interpreter, value, arguments) =>
    {
        var text = ValueText.Of(value, interpreter.Budget);
        // Case and escapes make a text at most six times as long.
        interpreter.Budget.SpendText(text.Length);
        var changed = change(text, arguments);
        interpreter.Budget.SpendText(changed.Length);
        return new StringValue(changed);
    };

    private static Value Default(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var replacesFalse = arguments.Optional(1, "boolean") is { } flag && Operators.IsTrue(flag);
        return value is UndefinedValue || (replacesFalse && !Operators.IsTrue(value))
            ? arguments.Optional(0, "default_value") ?? Value.Of("")
            : value;
    }

    private static StringValue Replace(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var budget = interpreter.Budget;
        var old = ValueText.Of(arguments.Required(0, "old"), budget);
        var replacement = ValueText.Of(arguments.Required(1, "new"), budget);
        return new StringValue(StringMethods.Replace(ValueText.Of(value, budget), old, replacement, arguments.OptionalInt(2, "count") ?? -1, budget));
    }

    private static StringValue Indent(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var width = arguments.Optional(0, "width");
        var indent = width is StringValue given ? given.Text : new string(' ', Math.Clamp(arguments.OptionalInt(0, "width") ?? 4, 0, 256));
        var indentsFirst = arguments.Optional(1, "first") is { } first && Operators.IsTrue(first);
        var indentsBlank = arguments.Optional(2, "blank") is { } blank && Operators.IsTrue(blank);
        var lines = StringMethods.Cut(ValueText.Of(value, interpreter.Budget), "\n", int.MaxValue).ToArray();
        interpreter.Budget.Spend(lines.Length);
        interpreter.Budget.SpendText(lines.Sum(line => (long)line.Length + indent.Length + 1));
        for (var index = 0; index < lines.Length; index++)
        {
            if (index == 0 ? indentsFirst : indentsBlank || lines[index].Length > 0)
            {
                lines[index] = indent + lines[index];
            }
        }
        return new StringValue(string.Join('\n', lines));
    }

    private static Value ToInt(Interpreter interpreter, Value value, CallArguments arguments)
    {
        var fallback = arguments.Optional(0, "default") ?? Value.Of(0);
        switch (value)
        {
            case StringValue text:
                interpreter.Budget.SpendText(text.Text.Length);
                var digits = ForeignText.Plain(text.Text).Trim();
                return Int128.TryParse(digits, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var parsed)
                    ? Value.Of(parsed)
                    : TryParseFloat(digits, out var real) ? Truncated(real, fallback) : fallback;
            case FloatValue number:
                return Truncated(number.Number, fallback);
            default:
                return Operators.TryInt(value, out var integer) ? Value.Of(integer) : fallback;
        }
    }

    private static Value Truncated(double number, Value fallback) =>
        double.IsFinite(number) && Math.Abs(number) < 1e38 ? Value.Of((Int128)Math.Truncate(number)) : fallback;

    private static Value ToFloat(Interpreter interpreter, Value value, CallArguments arguments)
    {
        interpreter.Budget.SpendText(value is StringValue given ? given.Text.Length : 0);
        return Operators.TryFloat(value, out var number) || (value is StringValue text && TryParseFloat(ForeignText.Plain(text.Text).Trim(), out number))
            ? new FloatValue(number)
            : arguments.Optional(0, "default") ?? new FloatValue(0);
    }

    private static bool TryParseFloat(string text, out double number) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out number);

    private static Value Abs(Value value) => Operators.TryInt(value, out var number) && number != Int128.MinValue
        ? Value.Of(Int128.Abs(number))
        : throw Operators.Failure($"'abs' does not fit {ValueText.TypeName(value)}.");

    private static FloatValue Round(Interpreter interpreter, Value value, CallArguments arguments)
    {
        if (!Operators.TryFloat(value, out var number))
        {
            throw Operators.Failure($"'round' does not fit {ValueText.TypeName(value)}.");
        }
        var digits = Math.Clamp(arguments.OptionalInt(0, "precision") ?? 0, 0, 15);
        var scale = Operators.Power(10.0, digits);
        return new FloatValue((arguments.OptionalText(1, "method") ?? "common") switch
        {
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => Math.Round(number, digits, MidpointRounding.ToEven),
        });
    }

    /// <summary>Words begin after white space, hyphens and opening brackets.</summary>
    private static string Title(string text)
    {
        var output = text.ToCharArray();
        for (var index = 0; index < output.Length; index++)
        {
            var isStart = index == 0 || char.IsWhiteSpace(text[index - 1]) || text[index - 1] is '-' or '(' or '{' or '[' or '<';
            output[index] = isStart ? char.ToUpperInvariant(text[index]) : char.ToLowerInvariant(text[index]);
        }
        return new string(output);
    }

    private static string Escaped(string text)
    {
        var plain = ForeignText.Plain(text);
        return string.Concat(Enumerable.Range(0, text.Length).Select(at => plain[at] switch
        {
            '&' => ForeignText.InsteadOf(text, at, "&amp;"),
            '<' => ForeignText.InsteadOf(text, at, "&lt;"),
            '>' => ForeignText.InsteadOf(text, at, "&gt;"),
            '"' => ForeignText.InsteadOf(text, at, "&#34;"),
            '\'' => ForeignText.InsteadOf(text, at, "&#39;"),
            _ => text.Substring(at, 1),
        }));
    }
}
