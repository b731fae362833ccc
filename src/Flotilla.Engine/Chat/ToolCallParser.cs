using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Engine.Chat.Python;

namespace Flotilla.Engine.Chat;

/// <summary>
/// Reads one tool call, <c>{"name": …, "arguments": {…}}</c>, the name and <c>[ARGS]{…}</c>, or one of Python's or between tags, character
/// by character. The name is known as soon as it ends; from then on the arguments come out as they are read; those that are JSON verbatim.
/// </summary>
/// <param name="format">How the model writes calls.</param>
/// <param name="isListOpen">Whether what begins the list of calls has been read.</param>
/// <param name="isBare">Whether the call alone tells that it is one: nothing but its type stands before its name.</param>
/// <param name="isText">Whether an argument of a tool, both by name, can be nothing but a text.</param>
internal sealed class ToolCallParser(ToolCallFormat format, bool isListOpen, bool isBare, Func<string, string, bool> isText)
{
    // The longest key that matters is "parameters"; others are skipped, but not at any length.
    private const int KeyCharsMax = 64;

    // But for the bracket, which begins what ends a name that stands alone.
    private static readonly SearchValues<char> s_notInName = SearchValues.Create(" \t\n\r\"{}<>");

    private readonly StringBuilder _string = new();
    private readonly StringBuilder _arguments = new();
    private JsonValueScanner _value;
    private ICallParser? _other;
    private State _state = !isListOpen && format.ListOpen.Length > 0 ? State.BeforeList : format.NameEnd.Length > 0 ? State.InBareName : State.BeforeObject;
    private string _key = "";
    private bool _seenArguments;
    private bool _isFirstKey = true;

    private enum State
    {
        BeforeList,
        BeforeObject,
        InBareName,
        InId,
        BeforeBareArguments,
        BeforeKey,
        InKey,
        AfterKey,
        BeforeValue,
        InName,
        InArguments,
        InArgumentsWord,
        InArgumentsText,
        InOther,
        AfterValue,
        InOtherCall,
        Ended,
    }

    /// <summary>The tool's name, once its string has ended.</summary>
    public string? Name { get; private set; }

    /// <summary>Whether the arguments' value has ended.</summary>
    public bool HasArguments { get; private set; }

    /// <summary>Whether the object has ended.</summary>
    public bool IsComplete => _state == State.Ended;

    /// <summary>Takes a character; false if no tool call goes on like this, and then the character is not part of it.</summary>
    public bool Accept(char unit)
    {
        var isSpace = unit is ' ' or '\t' or '\n' or '\r';
        switch (_state)
        {
            case State.BeforeList:
                return isSpace || Become(State.BeforeObject, unit == format.ListOpen[0]);
            case State.InBareName or State.InId:
                return AcceptBareName(unit);
            case State.BeforeBareArguments:
                return isSpace || AcceptBareArguments(unit);
            case State.BeforeObject:
                return isSpace || (unit == '{' && format.HasObjects ? Become(State.BeforeKey, condition: true) : StartOther(unit));
            case State.InOtherCall:
                return AcceptOther(unit);
            case State.BeforeKey:
                return isSpace || (unit == '}' && _isFirstKey ? End() : StartString(State.InKey, unit));
            case State.InKey:
                return AcceptKey(unit);
            case State.AfterKey:
                return isSpace || Become(State.BeforeValue, unit == ':');
            case State.BeforeValue:
                return isSpace || StartValue(unit);
            case State.InName:
                return AcceptName(unit);
            case State.InArguments:
                return AcceptArguments(unit);
            case State.InArgumentsWord or State.InArgumentsText or State.InOther:
                return AcceptHeld(unit);
            case State.AfterValue:
                return isSpace || (unit == '}' ? End() : Become(State.BeforeKey, unit == ','));
            default:
                return false;
        }
    }

    /// <summary>Adds to the arguments what was held back of them: they go on in no way that is known, or not at all.</summary>
    public void GiveUp() => _other?.GiveUp();

    /// <summary>Removes and returns the fragment of the arguments that was read since the last call.</summary>
    public string TakeArguments()
    {
        var fragment = _arguments.ToString();
        _arguments.Clear();
        return fragment;
    }

    private bool Become(State state, bool condition)
    {
        _state = condition ? state : _state;
        return condition;
    }

    private bool End()
    {
        if (Name is null)
        {
            return false;
        }
        if (!_seenArguments)
        {
            _arguments.Append("{}");
            (_seenArguments, HasArguments) = (true, true);
        }
        _state = State.Ended;
        return true;
    }

    private bool StartOther(char unit)
    {
        if (format.HasTags)
            _other = new TaggedCallParser(isText, _arguments);
        else if (format.Notation is { } notation && (!isBare || !format.HasObjects))
            _other = new PythonCallParser(notation, format.Suffix, mayBeShown: format.HasLines, _arguments);
        else
            return false;
        _state = State.InOtherCall;
        return AcceptOther(unit);
    }

    private bool AcceptOther(char unit)
    {
        var isPart = _other!.Accept(unit);
        Name = _other.Name;
        if (_other.IsComplete)
            (HasArguments, _state) = (true, State.Ended);
        return isPart;
    }

    private bool StartString(State state, char unit)
    {
        _string.Clear();
        _value = default;
        _isFirstKey = false;
        return Become(state, unit == '"' && _value.Accept(unit) == JsonValueScanner.Result.Inside);
    }

    private bool AcceptKey(char unit)
    {
        if (!AcceptString(unit, KeyCharsMax, out var key))
        {
            return false;
        }
        if (key is null)
        {
            return true;
        }
        (_key, _state) = (key, State.AfterKey);
        return !isBare || Name is not null || (key is "name" or "type" && IsPlain());
    }

    /// <summary>A name that stands alone, perhaps an id, and what leads to the arguments, or at once their brace.</summary>
    private bool AcceptBareName(char unit)
    {
        if (unit == '{' && (Name is not null || EndName(_string.ToString().Trim(), _state)))
        {
            return AcceptBareArguments(unit);
        }
        _string.Append(unit);
        if (_string.Length > TextLimits.ToolNameCharsMax + format.NameEnd.Length)
        {
            return false;
        }
        var text = _string.ToString();
        if (_state == State.InBareName && format.IdBegin.Length > 0 && text.EndsWith(format.IdBegin, StringComparison.Ordinal))
        {
            return EndName(text[..^format.IdBegin.Length].Trim(), State.InId);
        }
        if (text.EndsWith(format.NameEnd, StringComparison.Ordinal))
        {
            return _state == State.InId ? Become(State.BeforeBareArguments, condition: true) : EndName(text[..^format.NameEnd.Length].Trim(), State.BeforeBareArguments);
        }
        return _state == State.InId || !text.AsSpan().TrimStart().ContainsAny(s_notInName);
    }

    private bool AcceptBareArguments(char unit)
    {
        if (unit != '{')
        {
            return false;
        }
        (_seenArguments, _value, _state) = (true, default, State.InArguments);
        return AcceptArguments(unit);
    }

    private bool EndName(string name, State next)
    {
        (Name, _state) = (IsName(name) ? name : null, next);
        _string.Clear();
        return Name is not null;
    }

    private static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAny(s_notInName) && !name.Contains('[', StringComparison.Ordinal);

    private bool StartValue(char unit)
    {
        if (_key == "name" && Name is null)
        {
            return StartString(State.InName, unit);
        }
        _string.Clear();
        _value = default;
        if (_key is not ("arguments" or "parameters") || _seenArguments)
        {
            _state = State.InOther;
            return AcceptHeld(unit);
        }
        _seenArguments = true;
        if (unit == '{')
        {
            _state = State.InArguments;
            return AcceptArguments(unit);
        }
        // Some models write the arguments as a string that holds JSON, or null for none.
        _state = unit == '"' ? State.InArgumentsText : State.InArgumentsWord;
        return unit is '"' or 'n' && AcceptHeld(unit);
    }

    private bool AcceptName(char unit)
    {
        if (!AcceptString(unit, TextLimits.ToolNameCharsMax, out var name) || name is "" || (name is not null && isBare && !IsPlain()))
        {
            return false;
        }
        if (name is not null)
        {
            (Name, _state) = (name, State.AfterValue);
        }
        return true;
    }

    /// <summary>Whether the string has no escapes: where nothing but the object tells that it is a call, it is one as it stands or none.</summary>
    private bool IsPlain() => !_string.ToString().Contains('\\', StringComparison.Ordinal);

    private bool AcceptArguments(char unit)
    {
        var result = _value.Accept(unit);
        if (result == JsonValueScanner.Result.Malformed)
        {
            return false;
        }
        _arguments.Append(unit);
        if (result == JsonValueScanner.Result.Last)
        {
            (HasArguments, _state) = (true, format.NameEnd.Length > 0 ? State.Ended : State.AfterValue);
        }
        return true;
    }

    /// <summary>Values of which nothing can be passed on before they end.</summary>
    private bool AcceptHeld(char unit)
    {
        switch (_value.Accept(unit))
        {
            case JsonValueScanner.Result.Malformed:
                return false;
            case JsonValueScanner.Result.Inside:
                _string.Append(unit);
                return true;
            case JsonValueScanner.Result.Last:
                _string.Append(unit);
                return EndHeld();
            default:
                return EndHeld() && Accept(unit);
        }
    }

    private bool EndHeld()
    {
        var text = _string.ToString();
        var decoded = _state switch
        {
            State.InArgumentsText => Decode(text),
            State.InArgumentsWord => text == "null" ? "{}" : null,
            _ => isBare && Name is null && text != "\"function\"" ? null : "",
        };
        if (decoded is null)
        {
            return false;
        }
        if (_state != State.InOther)
        {
            _arguments.Append(decoded);
            HasArguments = true;
        }
        _state = State.AfterValue;
        return true;
    }

    /// <summary>Takes a character of a short string; <paramref name="whole"/> is its value once it has ended.</summary>
    private bool AcceptString(char unit, int charsMax, out string? whole)
    {
        whole = null;
        var result = _value.Accept(unit);
        if (result == JsonValueScanner.Result.Last)
        {
            whole = Decode($"\"{_string}\"");
            return whole is not null;
        }
        _string.Append(unit);
        return result == JsonValueScanner.Result.Inside && _string.Length <= charsMax;
    }

    /// <summary>The value of a JSON string, or null if its escapes are none of JSON's.</summary>
    private static string? Decode(string json)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
            reader.Read();
            return reader.GetString();
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The one way that the reader has to say it; the caller goes on with the raw text.
            return null;
        }
    }
}
