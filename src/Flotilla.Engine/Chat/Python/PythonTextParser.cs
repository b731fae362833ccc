using System.Text;

namespace Flotilla.Engine.Chat.Python;

/// <summary>Reads a text between Python's quotes, one or three of them, character by character and writes it as a string of JSON.</summary>
/// <param name="json">Takes the string as it is read.</param>
internal sealed class PythonTextParser(StringBuilder json)
{
    private char _quote;
    private bool _isRaw;
    private bool _isTriple;
    private State _state;

    // Quotes that may end a text of three; digits that a code still needs; the code so far.
    private int _quotes;
    private int _digits;
    private uint _code;

    private enum State
    {
        Opened,
        Empty,
        Inside,
        Escaped,
        InCode,
    }

    /// <summary>Begins a text behind its first quote.</summary>
    /// <param name="quote">The quote.</param>
    /// <param name="isRaw">Whether a backslash stands for itself.</param>
    public void Begin(char quote, bool isRaw)
    {
        (_quote, _isRaw, _isTriple, _state, _quotes) = (quote, isRaw, false, State.Opened, 0);
        json.Append('"');
    }

    /// <summary>Takes a character. An empty text ends before the next one: two quotes may begin three.</summary>
    public JsonValueScanner.Result Accept(char unit)
    {
        switch (_state)
        {
            case State.Opened when unit == _quote:
                return Become(State.Empty);
            case State.Empty when unit == _quote:
                _isTriple = true;
                return Become(State.Inside);
            case State.Empty:
                json.Append('"');
                return JsonValueScanner.Result.EndedBefore;
            case State.Escaped:
                return AcceptEscaped(unit);
            case State.InCode:
                return AcceptCode(unit);
            default:
                return AcceptInside(unit);
        }
    }

    private JsonValueScanner.Result Become(State state)
    {
        _state = state;
        return JsonValueScanner.Result.Inside;
    }

    private JsonValueScanner.Result AcceptInside(char unit)
    {
        if (unit == _quote)
        {
            if (_isTriple && ++_quotes < 3)
                return JsonValueScanner.Result.Inside;
            json.Append('"');
            return JsonValueScanner.Result.Last;
        }

        for (; _quotes > 0; _quotes--)
            json.AppendCharacter(_quote);
        if (unit == '\\')
            return Become(State.Escaped);
        json.AppendCharacter(unit);
        return Become(State.Inside);
    }

    private JsonValueScanner.Result AcceptEscaped(char unit)
    {
        _digits = _isRaw ? 0 : unit switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (_digits > 0)
        {
            _code = 0;
            return Become(State.InCode);
        }

        const string Letters = "nrtbfav0";
        const string Meant = "\n\r\t\b\f\a\v\0";
        if (!_isRaw && Letters.Contains(unit, StringComparison.Ordinal))
        {
            json.AppendCharacter(Meant[Letters.IndexOf(unit, StringComparison.Ordinal)]);
        }
        else if (_isRaw || unit is not ('\\' or '\'' or '"' or '/' or '\n'))
        {
            // What Python knows no meaning of it leaves as it is.
            json.AppendCharacter('\\');
            json.AppendCharacter(unit);
        }
        else if (unit != '\n')
        {
            json.AppendCharacter(unit);
        }

        return Become(State.Inside);
    }

    private JsonValueScanner.Result AcceptCode(char unit)
    {
        if (!char.IsAsciiHexDigit(unit))
            return JsonValueScanner.Result.Malformed;
        _code = (_code << 4) | (uint)Convert.ToInt32(unit.ToString(), 16);
        if (--_digits > 0)
            return JsonValueScanner.Result.Inside;
        if (_code > 0x10FFFF)
            return JsonValueScanner.Result.Malformed;
        // Escaped again: the halves of a pair may be two codes, and alone they are no characters.
        if (_code > char.MaxValue)
            json.AppendCode(0xD7C0 + (_code >> 10));
        json.AppendCode(_code > char.MaxValue ? 0xDC00 | (_code & 0x3FF) : _code);
        return Become(State.Inside);
    }
}
