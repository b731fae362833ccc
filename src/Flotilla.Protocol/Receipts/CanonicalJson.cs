using System.Buffers;
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

    private const int UsualBytes = 2048;
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(c => (char)c), '"', '\\']);
    private readonly ArrayBufferWriter<byte> _text = new(UsualBytes);
    private string? _last;

    /// <summary>Begins an object.</summary>
    public CanonicalJson() => _text.Write("{"u8);

    /// <summary>Adds a text, or null. Members come in the order of their names' code units.</summary>
    /// <exception cref="ArgumentException">The name doesn't come behind the one before it.</exception>
    public CanonicalJson Add(string name, string? value)
    {
        Name(name);
        if (value is null)
            _text.Write("null"u8);
        else
            Quote(value);
        return this;
    }

    /// <summary>Adds an integer of at most 2⁵³ − 1 in magnitude.</summary>
    public CanonicalJson Add(string name, long value)
    {
        if (value is > IntegerMax or < -IntegerMax)
            throw new OverflowException($"{name} is {value}; canonical JSON holds integers up to {IntegerMax}.");
        Name(name);
        const int DigitsMax = 20;
        value.TryFormat(_text.GetSpan(DigitsMax), out var written, default, CultureInfo.InvariantCulture);
        _text.Advance(written);
        return this;
    }

    /// <summary>Adds a nested object, or null.</summary>
    /// <param name="name">The member.</param>
    /// <param name="value">What is written.</param>
    /// <param name="members">Adds its members.</param>
    public CanonicalJson Add<T>(string name, T? value, Action<T, CanonicalJson> members)
        where T : class
    {
        Name(name);
        if (value is null)
        {
            _text.Write("null"u8);
            return this;
        }

        _text.Write("{"u8);
        _last = null;
        members(value, this);
        _last = name;
        _text.Write("}"u8);
        return this;
    }

    /// <summary>The text in UTF-8, behind a label.</summary>
    public byte[] ToUtf8(ReadOnlySpan<byte> label = default) => [.. label, .. _text.WrittenSpan, (byte)'}'];

    /// <summary>The text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(ToUtf8());

    private void Name(string name)
    {
        if (_last is not null && string.CompareOrdinal(_last, name) >= 0)
            throw new ArgumentException($"{name} was added behind {_last}; canonical JSON is written in the order of the names, each once.", nameof(name));
        if (_last is not null)
            _text.Write(","u8);
        _last = name;
        Quote(name);
        _text.Write(":"u8);
    }

    private void Quote(ReadOnlySpan<char> value)
    {
        _text.Write("\""u8);
        while (value.IndexOfAny(Escaped) is var plain and >= 0)
        {
            Encoding.UTF8.GetBytes(value[..plain], _text);
            Escape(value[plain]);
            value = value[(plain + 1)..];
        }

        Encoding.UTF8.GetBytes(value, _text);
        _text.Write("\""u8);
    }

    private void Escape(char c)
    {
        const int EscapeBytesMax = 6;
        var at = _text.GetSpan(EscapeBytesMax);
        at[0] = (byte)'\\';
        at[1] = c switch { '\b' => (byte)'b', '\f' => (byte)'f', '\n' => (byte)'n', '\r' => (byte)'r', '\t' => (byte)'t', < ' ' => (byte)'u', _ => (byte)c };
        var count = 2;
        if (at[1] == 'u')
        {
            ((int)c).TryFormat(at[count..], out var digits, "x4", CultureInfo.InvariantCulture);
            count += digits;
        }

        _text.Advance(count);
    }
}
