using System.Globalization;
using System.Text;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>One argument with fields in it: literal text, <c>{name}</c>, <c>{name:sqrt}</c> and <c>{name:*2.5}</c> (rounded to an integer).</summary>
internal sealed class ArgumentTemplate
{
    private readonly List<Piece> _pieces = [];

    private ArgumentTemplate()
    {
    }

    /// <summary>The fields that it names.</summary>
    public IEnumerable<string> Fields => _pieces.Where(p => p.Field is not null).Select(p => p.Field!);

    /// <summary>The field, where it is nothing but one.</summary>
    public string? OnlyField => _pieces is [{ Field: { } name, Form: "" }] ? name : null;

    /// <summary>Whether something of ours comes before whatever the client wrote.</summary>
    public bool BeginsLiterally => _pieces is [{ Field: null }, ..];

    /// <summary>Reads one; the error says what is wrong with it.</summary>
    public static (ArgumentTemplate? Template, string? Error) Parse(string text)
    {
        var template = new ArgumentTemplate();
        while (text.Length > 0)
        {
            var open = text.IndexOf('{', StringComparison.Ordinal);
            if (open != 0)
                template._pieces.Add(new Piece(open < 0 ? text : text[..open], null, ""));
            if (open < 0)
                break;
            var close = text.IndexOf('}', open);
            if (close < 0)
                return (null, "has a '{' without its '}'");
            var parts = text[(open + 1)..close].Split(':', 2);
            var form = parts.Length > 1 ? parts[1] : "";
            if (form.Length > 0 && form != "sqrt" && !TryFactor(form, out _))
                return (null, $"has the form '{form}'; there are sqrt and *NUMBER");
            template._pieces.Add(new Piece("", parts[0], form));
            text = text[(close + 1)..];
        }

        return (template, null);
    }

    /// <summary>The argument for one job: every field that it names has a value.</summary>
    public string Fill(IReadOnlyDictionary<string, CommandValue> values)
    {
        var text = new StringBuilder();
        foreach (var (literal, field, form) in _pieces)
            text.Append(field is null ? literal : Shown(values[field], form));
        return text.ToString();
    }

    private static string Shown(CommandValue value, string form)
    {
        if (form.Length == 0)
            return value.Text;
        if (form == "sqrt")
            return Math.Sqrt(value.Number).ToString("0.######", CultureInfo.InvariantCulture);
        TryFactor(form, out var factor);
        return Math.Round(value.Number * factor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static bool TryFactor(string form, out double factor)
    {
        factor = 0;
        return form.StartsWith('*') && double.TryParse(form.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out factor);
    }

    private sealed record Piece(string Literal, string? Field, string Form);
}
