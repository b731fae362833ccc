using System.Text;
using System.Text.RegularExpressions;

namespace Flotilla.Engine.Chat.Python;

/// <summary>
/// Reads one literal of Python character by character and writes it as JSON: texts, numbers, <c>True</c>, <c>None</c>, lists, tuples and
/// mappings of texts. JSON's own words are read too.
/// </summary>
/// <param name="tag">See <see cref="CallNotation.TextTag"/>.</param>
/// <param name="json">Takes the value; of a number or a word all at once.</param>
internal sealed partial class PythonValueParser(string tag, StringBuilder json)
{
    private readonly StringBuilder _word = new();
    private readonly PythonTextParser _text = new(json);
    private readonly TaggedTextParser _tagged = new(tag, json);

    // What closes each list, tuple and mapping that is open.
    private readonly Stack<char> _closers = new();
    private State _state;
    private bool _needsComma;
    private bool _isKey;

    private enum State
    {
        BeforeValue,
        BeforeItem,
        BeforeKey,
        InKey,
        AfterKey,
        InWord,
        InText,
        InTagged,
        AfterItem,
    }

    /// <summary>Begins another value.</summary>
    public void Begin()
    {
        (_state, _needsComma, _isKey) = (State.BeforeValue, false, false);
        _word.Clear();
        _closers.Clear();
    }

    /// <summary>Takes a character.</summary>
    public JsonValueScanner.Result Accept(char unit)
    {
        var isSpace = unit is ' ' or '\t' or '\n' or '\r';
        switch (_state)
        {
            case State.InText:
                return Ended(_text.Accept(unit), unit);
            case State.InTagged:
                return Ended(_tagged.Accept(unit), unit);
            case State.InWord:
                return AcceptWord(unit);
            case State.InKey when isSpace:
                return JsonValueScanner.Result.Malformed;
            case var _ when isSpace:
                return JsonValueScanner.Result.Inside;
            case State.BeforeItem or State.BeforeKey or State.AfterItem when unit == _closers.Peek():
                return Close();
            case State.InKey when unit == ':':
                json.AppendName(_word.ToString(), isFirst: !_needsComma);
                _word.Clear();
                _needsComma = false;
                return Become(State.BeforeValue);
            case State.BeforeKey or State.InKey when tag.Length > 0 && IsWord(unit):
                _word.Append(unit);
                return _word.Length <= TextLimits.ToolNameCharsMax ? Become(State.InKey) : JsonValueScanner.Result.Malformed;
            case State.BeforeKey:
                _isKey = true;
                return BeginText(unit, isRaw: false);
            case State.AfterKey when unit == ':':
                json.Append(": ");
                return Become(State.BeforeValue);
            case State.AfterItem when unit == ',':
                _needsComma = true;
                return Become(_closers.Peek() == '}' ? State.BeforeKey : State.BeforeItem);
            case State.BeforeValue or State.BeforeItem:
                return BeginValue(unit);
            default:
                return JsonValueScanner.Result.Malformed;
        }
    }

    /// <summary>Passes on what was held back, as it stands.</summary>
    public void GiveUp()
    {
        json.Append(_state is State.InWord or State.InKey ? _word : null);
        if (_state == State.InTagged)
            _tagged.GiveUp();
    }

    private JsonValueScanner.Result Become(State state)
    {
        _state = state;
        return JsonValueScanner.Result.Inside;
    }

    private JsonValueScanner.Result BeginValue(char unit)
    {
        switch (unit)
        {
            case '[' or '(' or '{' when _closers.Count < TextLimits.JsonDepthMax:
                Separate();
                json.Append(unit == '{' ? '{' : '[');
                _closers.Push(unit switch { '{' => '}', '[' => ']', _ => ')' });
                return Become(unit == '{' ? State.BeforeKey : State.BeforeItem);
            case '"' or '\'':
            case var _ when tag.StartsWith(unit):
                return BeginText(unit, isRaw: false);
            case var _ when IsWord(unit):
                _word.Clear().Append(unit);
                return Become(State.InWord);
            default:
                return JsonValueScanner.Result.Malformed;
        }
    }

    private JsonValueScanner.Result BeginText(char unit, bool isRaw)
    {
        if (tag.StartsWith(unit))
        {
            Separate();
            _tagged.Begin();
            Become(State.InTagged);
            return Accept(unit);
        }

        if (unit is not ('"' or '\''))
            return JsonValueScanner.Result.Malformed;
        Separate();
        _text.Begin(unit, isRaw);
        return Become(State.InText);
    }

    private void Separate()
    {
        json.Append(_needsComma ? ", " : "");
        _needsComma = false;
    }

    private JsonValueScanner.Result Close()
    {
        json.Append(_closers.Pop() == '}' ? '}' : ']');
        _needsComma = false;
        return Ended(JsonValueScanner.Result.Last, default);
    }

    private JsonValueScanner.Result AcceptWord(char unit)
    {
        if (IsWord(unit))
        {
            _word.Append(unit);
            return _word.Length <= TextLimits.PythonWordCharsMax ? JsonValueScanner.Result.Inside : JsonValueScanner.Result.Malformed;
        }

        var word = _word.ToString();
        if (unit is '"' or '\'' && word.ToUpperInvariant() is "R" or "U" or "F" or "B" or "RF" or "FR" or "RB" or "BR")
            return BeginText(unit, word.Contains('r', StringComparison.OrdinalIgnoreCase));
        if (Written(word) is not { } written)
            return JsonValueScanner.Result.Malformed;
        Separate();
        json.Append(written);
        _word.Clear();
        return Ended(JsonValueScanner.Result.EndedBefore, unit);
    }

    /// <summary>What follows when a part of the value has ended with or before a character.</summary>
    private JsonValueScanner.Result Ended(JsonValueScanner.Result result, char unit)
    {
        if (result is JsonValueScanner.Result.Inside or JsonValueScanner.Result.Malformed || _closers.Count == 0 && !_isKey)
            return result;
        _state = _isKey ? State.AfterKey : State.AfterItem;
        _isKey = false;
        return result == JsonValueScanner.Result.Last ? JsonValueScanner.Result.Inside : Accept(unit);
    }

    /// <summary>A word or a number as JSON; null where it is neither.</summary>
    private static string? Written(string word)
    {
        switch (word)
        {
            case "True" or "true":
                return "true";
            case "False" or "false":
                return "false";
            case "None" or "null":
                return "null";
        }

        var parts = Number().Match(word);
        if (!parts.Success)
            return null;
        var (whole, fraction) = (parts.Groups["whole"].Value.Replace("_", "", StringComparison.Ordinal), parts.Groups["fraction"].Value.Replace("_", "", StringComparison.Ordinal));
        return $"{parts.Groups["minus"]}{(whole.Length > 0 ? whole : "0")}{(fraction.Length > 1 ? fraction : fraction.Length > 0 ? ".0" : "")}{parts.Groups["exponent"]}";
    }

    private static bool IsWord(char unit) => char.IsAsciiLetterOrDigit(unit) || unit is '+' or '-' or '.' or '_';

    // Decimal numbers alone; one of the two sides of the point may be missing.
    [GeneratedRegex(@"^(?:(?<minus>-)|\+)?(?=\.?[0-9])(?<whole>0|[1-9][0-9_]*)?(?<fraction>\.[0-9_]*)?(?<exponent>[eE][+-]?[0-9]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
