using System.Globalization;
using System.Text;

namespace Flotilla.Protocol.Receipts;

/// <summary>
/// Writes the one JSON text that a set of fields has: RFC 8785 restricted to ASCII keys and to strings, integers below
/// 2⁵³, null and objects of these. What is signed is this text.
/// </summary>
internal sealed class CanonicalJson
{
    /// <summary>Largest integer that every JSON reader keeps exactly.</summary>
    public const long IntegerMax = (1L << 53) - 1;

    private readonly SortedDictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>Adds a text, or null.</summary>
    public CanonicalJson Add(string name, string? value)
    {
        _fields.Add(name, value is null ? "null" : Quote(value));
        return this;
    }

    /// <summary>Adds an integer of at most 2⁵³ − 1 in magnitude.</summary>
    public CanonicalJson Add(string name, long value)
    {
        if (value is > IntegerMax or < -IntegerMax)
            throw new OverflowException($"{name} is {value}; canonical JSON holds integers up to {IntegerMax}.");
        _fields.Add(name, value.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Adds a nested object, or null.</summary>
    public CanonicalJson Add(string name, CanonicalJson? value)
    {
        _fields.Add(name, value?.ToString() ?? "null");
        return this;
    }

    /// <summary>The text.</summary>
    public override string ToString() => "{" + string.Join(',', _fields.Select(f => $"\"{f.Key}\":{f.Value}")) + "}";

    private static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                default: text.Append(c); break;
            }
        }

        return text.Append('"').ToString();
    }
}
