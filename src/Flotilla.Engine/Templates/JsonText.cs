using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Templates;

/// <summary>Values as JSON, byte for byte as Python's <c>json.dumps(ensure_ascii=False)</c> writes it: models were trained on that.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _output = new();
    private readonly TemplateBudget _budget;
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _sortsKeys;
    private int _depth;

    private JsonText(TemplateBudget budget, string? indent, string itemSeparator, string keySeparator, bool sortsKeys) =>
        (_budget, _indent, _itemSeparator, _keySeparator, _sortsKeys) = (budget, indent, itemSeparator, keySeparator, sortsKeys);

    /// <summary>The <c>tojson</c> filter: <c>indent</c>, <c>separators</c> and <c>sort_keys</c> as in Python.</summary>
    public static string Of(Value value, CallArguments arguments, TemplateBudget budget)
    {
        var indent = arguments.Optional(1, "indent") switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            _ => new string(' ', Math.Clamp(arguments.OptionalInt(1, "indent") ?? 0, 0, 64)),
        };
        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (arguments.Optional(2, "separators") is ListValue { Items: [StringValue itemSeparator, StringValue keySeparator] })
        {
            (item, key) = (itemSeparator.Text, keySeparator.Text);
        }
        var sortsKeys = arguments.Optional(3, "sort_keys") is { } sorted && Operators.IsTrue(sorted);
        var json = new JsonText(budget, indent, item, key, sortsKeys);
        json.Write(value);
        return json._output.ToString();
    }

    private void Write(Value value)
    {
        _budget.Enter();
        TemplateBudget.CheckText(_output.Length);
        switch (value)
        {
            case NoneValue:
                _output.Append("null");
                break;
            case BoolValue flag:
                _output.Append(flag.Flag ? "true" : "false");
                break;
            case IntValue number:
                _output.Append(number.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case FloatValue number:
                _output.Append(ValueText.OfFloat(number.Number));
                break;
            case StringValue text:
                WriteString(text.Text);
                break;
            case ListValue list:
                WriteList(list);
                break;
            case MapValue map:
                WriteMap(map);
                break;
            default:
                throw Operators.Failure($"{ValueText.TypeName(value)} can't be written as JSON.");
        }
        _budget.Leave();
    }

    private void WriteList(ListValue list)
    {
        if (list.Items.Count == 0)
        {
            _output.Append("[]");
            return;
        }
        _output.Append('[');
        _depth++;
        for (var index = 0; index < list.Items.Count; index++)
        {
            _output.Append(index > 0 ? _itemSeparator : "");
            NewLine();
            Write(list.Items[index]);
        }
        _depth--;
        NewLine();
        _output.Append(']');
    }

    private void WriteMap(MapValue map)
    {
        if (map.Entries.Count == 0)
        {
            _output.Append("{}");
            return;
        }
        _output.Append('{');
        _depth++;
        var isFirst = true;
        IEnumerable<KeyValuePair<string, Value>> entries = _sortsKeys ? map.Entries.OrderBy(entry => ForeignText.Plain(entry.Key), StringComparer.Ordinal) : map.Entries;
        foreach (var (key, value) in entries)
        {
            _output.Append(isFirst ? "" : _itemSeparator);
            isFirst = false;
            NewLine();
            WriteString(key);
            _output.Append(_keySeparator);
            Write(value);
        }
        _depth--;
        NewLine();
        _output.Append('}');
    }

    private void NewLine()
    {
        if (_indent is not null)
        {
            _budget.SpendText((long)_indent.Length * _depth);
            _output.Append('\n').Insert(_output.Length, _indent, _depth);
        }
    }

    private void WriteString(string text)
    {
        _budget.SpendText(text.Length);
        _output.Append('"');
        var plain = ForeignText.Plain(text);
        for (var at = 0; at < text.Length; at++)
        {
            var escape = Escape(plain[at]);
            _ = escape is null ? _output.Append(text[at]) : _output.Append(ForeignText.InsteadOf(text, at, escape));
        }
        _output.Append('"');
    }

    private static string? Escape(char unit) => unit switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
        _ => null,
    };
}
