using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    /// <summary>Puts the functions in force; <c>strftime_now</c> tells the given time.</summary>
    public static void AddTo(Scope scope, DateTimeOffset now)
    {
        Add(scope, "namespace", (_, arguments) => new NamespaceValue(new Dictionary<string, Value>(Entries(arguments), ForeignText.Comparer)));
        Add(scope, "dict", (_, arguments) => new MapValue(Entries(arguments)));
        Add(scope, "range", Range);
        Add(scope, "raise_exception", (interpreter, arguments) =>
            throw new TemplateException(TemplateError.Raised, ValueText.Of(arguments.Required(0, "message"), interpreter.Budget)));
        Add(scope, "strftime_now", (interpreter, arguments) => Value.Of(Formatted(now, ForeignText.Plain(arguments.Text(0, "format")), interpreter.Budget)));
    }

    private static void Add(Scope scope, string name, Func<Interpreter, CallArguments, Value> function) =>
        scope.Set(name, new FunctionValue(name, function));

    private static OrderedDictionary<string, Value> Entries(CallArguments arguments)
    {
        var entries = new OrderedDictionary<string, Value>(ForeignText.Comparer);
        if (arguments.Count > 0)
        {
            var map = arguments[0] as MapValue ?? throw Operators.Failure($"{arguments.Callee} needs a mapping, not {ValueText.TypeName(arguments[0])}.");
            foreach (var (key, value) in map.Entries)
            {
                entries[key] = value;
            }
        }
        foreach (var (name, value) in arguments.Named)
        {
            entries[name] = value;
        }
        return entries;
    }

    private static ListValue Range(Interpreter interpreter, CallArguments arguments)
    {
        var numbers = arguments.Positional.Select(argument =>
            Operators.TryInt(argument, out var number) ? number : throw Operators.Failure($"range() needs integers, not {ValueText.TypeName(argument)}.")).ToArray();
        var (start, stop, step) = numbers switch
        {
            [var only] => (0, only, 1),
            [var first, var second] => (first, second, 1),
            [var first, var second, var third] => (first, second, third),
            _ => throw Operators.Failure("range() takes one to three integers."),
        };
        if (step == 0)
        {
            throw Operators.Failure("range()'s step can't be 0.");
        }
        var items = new List<Value>();
        for (var number = start; step > 0 ? number < stop : number > stop; number += step)
        {
            if (items.Count == TextLimits.TemplateRangeMax)
            {
                throw new TemplateException(TemplateError.LimitExceeded, $"range() makes more than {TextLimits.TemplateRangeMax} numbers.");
            }
            interpreter.Budget.Spend();
            items.Add(Value.Of(number));
        }
        return new ListValue(items);
    }

    private static string Formatted(DateTimeOffset time, string format, TemplateBudget budget)
    {
        budget.SpendText(format.Length);
        var output = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                output.Append(format[at]);
                continue;
            }
            budget.Spend();
            TemplateBudget.CheckText(output.Length);
            var isUnpadded = format[++at] == '-' && at + 1 < format.Length;
            var field = Field(time, format[isUnpadded ? ++at : at]);
            output.Append(isUnpadded ? field.TrimStart('0') : field);
        }
        return output.ToString();
    }

    private static string Field(DateTimeOffset time, char directive)
    {
        var pattern = directive switch
        {
            'Y' => "yyyy", 'y' => "yy", 'm' => "MM", 'B' => "MMMM", 'b' => "MMM", 'd' => "dd", 'A' => "dddd", 'a' => "ddd",
            'H' => "HH", 'I' => "hh", 'M' => "mm", 'S' => "ss", 'p' => "tt", '%' => "'%'",
            _ => null,
        };
        return pattern is not null ? time.ToString(pattern, CultureInfo.InvariantCulture)
            : directive == 'j' ? time.DayOfYear.ToString("000", CultureInfo.InvariantCulture)
            : throw new TemplateException(TemplateError.Unsupported, $"The time format '%{directive}' is not supported.");
    }
}
