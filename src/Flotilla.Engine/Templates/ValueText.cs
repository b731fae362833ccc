using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>Values as text, the way Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class ValueText
{
    public static string Of(Value value, TemplateBudget budget)
    {
        switch (value)
        {
            case StringValue text:
                return text.Text;
            case UndefinedValue:
                return "";
            default:
                var output = new StringBuilder();
                Write(value, output, budget);
                return output.ToString();
        }
    }

    public static string TypeName(Value value) => value switch
    {
        UndefinedValue missing => $"the undefined '{missing.Name}'",
        NoneValue => "none",
        BoolValue => "a boolean",
        IntValue => "an integer",
        FloatValue => "a float",
        StringValue => "a string",
        ListValue { IsTuple: true } => "a tuple",
        ListValue => "a list",
        MapValue => "a mapping",
        NamespaceValue => "a namespace",
        FunctionValue function => $"the function '{function.Name}'",
        _ => "the loop",
    };

    /// <summary>The shortest digits that read back the same, laid out as Python does.</summary>
    public static string OfFloat(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var digits = string.Concat(shortest.Split('E')[0].Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        digits = digits.Length == 0 ? "0" : digits;
        var sign = double.IsNegative(number) ? "-" : "";
        if (number == 0)
        {
            return sign + "0.0";
        }
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static void Write(Value value, StringBuilder output, TemplateBudget budget)
    {
        budget.Enter();
        switch (value)
        {
            case NoneValue:
                output.Append("None");
                break;
            case BoolValue flag:
                output.Append(flag.Flag ? "True" : "False");
                break;
            case IntValue number:
                output.Append(number.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case FloatValue number:
                output.Append(OfFloat(number.Number));
                break;
            case StringValue text:
                WriteQuoted(text.Text, output, budget);
                break;
            case ListValue list:
                WriteList(list, output, budget);
                break;
            case MapValue map:
                WriteMap(map, output, budget);
                break;
            case UndefinedValue:
                output.Append("Undefined");
                break;
            default:
                throw Operators.Failure($"{TypeName(value)} can't be written as text.");
        }
        TemplateBudget.CheckText(output.Length);
        budget.Leave();
    }

    private static void WriteList(ListValue list, StringBuilder output, TemplateBudget budget)
    {
        output.Append(list.IsTuple ? '(' : '[');
        for (var index = 0; index < list.Items.Count; index++)
        {
            output.Append(index > 0 ? ", " : "");
            Write(list.Items[index], output, budget);
        }
        output.Append(list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]");
    }

    private static void WriteMap(MapValue map, StringBuilder output, TemplateBudget budget)
    {
        var separator = "{";
        foreach (var (key, value) in map.Entries)
        {
            output.Append(separator);
            WriteQuoted(key, output, budget);
            output.Append(": ");
            Write(value, output, budget);
            separator = ", ";
        }
        output.Append(map.Entries.Count == 0 ? "{}" : "}");
    }

    private static void WriteQuoted(string text, StringBuilder output, TemplateBudget budget)
    {
        budget.SpendText(text.Length);
        var plain = ForeignText.Plain(text);
        var quote = plain.Contains('\'', StringComparison.Ordinal) && !plain.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        output.Append(quote);
        for (var at = 0; at < text.Length; at++)
        {
            var escape = Escape(plain[at], quote);
            _ = escape is null ? output.Append(text[at]) : output.Append(ForeignText.InsteadOf(text, at, escape));
        }
        output.Append(quote);
    }

    private static string? Escape(char unit, char quote) => unit switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        < ' ' or (>= '\x7f' and < '\xa0') or '\xad' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)unit:x2}"),
        _ => unit == quote ? "\\" + unit : null,
    };
}
