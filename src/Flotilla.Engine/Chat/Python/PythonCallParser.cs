using System.Buffers;
using System.Text;

namespace Flotilla.Engine.Chat.Python;

/// <summary>
/// Reads one call as Python writes it, <c>name(argument=value, …)</c>, or with other signs, character by character. The name is known at
/// its parenthesis; from then on the arguments come out as the JSON object that they are. Values are literals: nothing is computed.
/// </summary>
/// <param name="notation">The signs.</param>
/// <param name="suffix">What may stand between name and parenthesis and is no part of the name; empty where nothing may.</param>
/// <param name="mayBeShown">Whether <c>print(…)</c> may stand around the call.</param>
/// <param name="json">Takes the arguments.</param>
internal sealed class PythonCallParser(CallNotation notation, string suffix, bool mayBeShown, StringBuilder json) : ICallParser
{
    private const string Show = "print";

    private static readonly SearchValues<char> s_notInName = SearchValues.Create(" \t\n\r()[]{}<>=,:;'\"\\");

    private readonly StringBuilder _word = new();
    private readonly PythonValueParser _value = new(notation.TextTag, json);
    private State _state;
    private bool _hasArguments;
    private bool _isShown;

    private enum State
    {
        InName,
        AfterName,
        BeforeArgument,
        InArgument,
        AfterArgument,
        InValue,
        AfterValue,
        AfterCall,
        Ended,
    }

    /// <inheritdoc/>
    public string? Name { get; private set; }

    /// <inheritdoc/>
    public bool IsComplete => _state == State.Ended;

    /// <summary>Whether a text can be written as the name of a tool or an argument.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= TextLimits.ToolNameCharsMax && !text.AsSpan().ContainsAny(s_notInName);

    /// <inheritdoc/>
    public bool Accept(char unit)
    {
        var isSpace = unit is ' ' or '\t' or '\n' or '\r';
        switch (_state)
        {
            case State.InName or State.InArgument when !s_notInName.Contains(unit):
                _word.Append(unit);
                return _word.Length <= TextLimits.ToolNameCharsMax + suffix.Length;
            case State.InName when isSpace:
                return Become(_word.Length > 0 ? State.AfterName : State.InName);
            case State.InName or State.AfterName:
                return isSpace || EndName(unit);
            case State.BeforeArgument when !s_notInName.Contains(unit):
                return Become(State.InArgument) && Accept(unit);
            case State.BeforeArgument:
                return isSpace || (unit == notation.Close && EndCall());
            case State.InArgument when isSpace:
                return Become(State.AfterArgument);
            case State.InArgument or State.AfterArgument:
                return isSpace || (unit == notation.Assign && BeginValue());
            case State.InValue:
                return AcceptValue(unit);
            case State.AfterValue when unit == notation.Close:
                return EndCall();
            case State.AfterValue:
                return isSpace || (unit == ',' && Become(State.BeforeArgument));
            case State.AfterCall:
                return isSpace || (unit == ')' && Become(State.Ended));
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void GiveUp()
    {
        json.Append(Name is null ? null : _word);
        _value.GiveUp();
    }

    private bool Become(State state)
    {
        _state = state;
        return true;
    }

    private bool EndName(char unit)
    {
        var word = _word.ToString();
        if (unit == '(' && mayBeShown && !_isShown && word == Show)
        {
            _isShown = true;
            _word.Clear();
            return Become(State.InName);
        }

        // A tool may have this name: then its arguments stand there, and no other call.
        if (_isShown && (unit == ')' ? word.Length == 0 : unit == '=' && word.Length > 0))
        {
            _isShown = false;
            Begin(Show);
            return unit == ')' ? EndCall() : BeginValue();
        }

        word = suffix.Length > 0 && word.EndsWith(suffix, StringComparison.Ordinal) ? word[..^suffix.Length] : word;
        if (unit != notation.Open || !IsName(word))
            return false;
        Begin(word);
        _word.Clear();
        return Become(State.BeforeArgument);
    }

    private void Begin(string name)
    {
        Name = name;
        json.Append('{');
    }

    private bool BeginValue()
    {
        json.AppendName(_word.ToString(), isFirst: !_hasArguments);
        _word.Clear();
        _hasArguments = true;
        _value.Begin();
        return Become(State.InValue);
    }

    private bool AcceptValue(char unit)
    {
        switch (_value.Accept(unit))
        {
            case JsonValueScanner.Result.Inside:
                return true;
            case JsonValueScanner.Result.Last:
                return Become(State.AfterValue);
            case JsonValueScanner.Result.EndedBefore:
                return Become(State.AfterValue) && Accept(unit);
            default:
                return false;
        }
    }

    private bool EndCall()
    {
        json.Append('}');
        return Become(_isShown ? State.AfterCall : State.Ended);
    }
}
