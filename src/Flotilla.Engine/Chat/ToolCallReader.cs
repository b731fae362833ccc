using System.Collections.Frozen;
using System.Text;

namespace Flotilla.Engine.Chat;

/// <summary>
/// Tells tool calls from text in what a model writes, by a <see cref="ToolCallFormat"/>. Nothing is lost: what turns out to be no
/// call before its name is known is delivered as text, and what is wrong after that as the call's arguments, up to the closing
/// tag, for the caller to refuse.
/// </summary>
internal sealed class ToolCallReader
{
    private readonly ToolCallFormat _format;
    private readonly FrozenSet<string> _offered;
    private readonly Func<string, string, bool> _isText;

    // What ends arguments that are wrong: a bracket or a brace stands in most of them.
    private readonly string _verbatimEnd;

    private readonly StringBuilder _text = new();

    // White space and the beginning of a tag, in text; all since the tag, in a call that has no name yet.
    private readonly StringBuilder _held = new();
    private ToolCallParser _call;
    private Mode _mode;
    private int _tagChars;
    private bool _expectsClose;

    // Whether nothing but white space has come since a call: then it is layout.
    private bool _followsCall;

    // Whether the call came without an opening tag: then only the name of an offered tool makes it one.
    private bool _isBare;

    /// <param name="format">How the model writes calls.</param>
    /// <param name="offered">The tools that it was offered.</param>
    /// <param name="isText">Whether an argument of a tool, both by name, can be nothing but a text; where null, what is no JSON is one.</param>
    public ToolCallReader(ToolCallFormat format, IEnumerable<string> offered, Func<string, string, bool>? isText = null)
    {
        (_format, _offered, _isText) = (format, offered.ToFrozenSet(), isText ?? ((_, _) => false));
        _verbatimEnd = format.Close.Length > 1 ? format.Close : format.Open;
        _isBare = format.IsOpenOptional;
        _mode = _isBare ? Mode.Call : Mode.Text;
        _call = new ToolCallParser(format, isListOpen: false, _isBare, _isText);
    }

    private enum Mode
    {
        Text,
        Call,
        AfterCall,
        Verbatim,
    }

    /// <summary>Number of calls whose name has been delivered.</summary>
    public int CallCount { get; private set; }

    /// <summary>Takes more of what the model writes and appends the pieces that are certain by now.</summary>
    public void Accept(ReadOnlySpan<char> text, List<OutputPiece> pieces)
    {
        foreach (var unit in text)
        {
            Accept(unit, pieces);
        }
        Deliver(pieces);
    }

    /// <summary>Appends what was held back: the model has ended.</summary>
    public void Finish(List<OutputPiece> pieces)
    {
        if (_mode is Mode.Verbatim)
        {
            _text.Append(_verbatimEnd, 0, _tagChars);
        }
        else if (_mode is Mode.Call && _call.Name is null)
        {
            _text.Append(_held);
            _mode = Mode.Text;
        }
        else if (_mode is Mode.Text && (!_followsCall || _tagChars > 0))
        {
            _text.Append(_held);
        }
        _held.Clear();
        _call.GiveUp();
        Deliver(pieces);
    }

    private void Accept(char unit, List<OutputPiece> pieces)
    {
        switch (_mode)
        {
            case Mode.Text:
                AcceptText(unit, pieces);
                break;
            case Mode.Call:
                AcceptCall(unit, pieces);
                break;
            case Mode.AfterCall:
                AcceptAfterCall(unit, pieces);
                break;
            default:
                AcceptVerbatim(unit, pieces);
                break;
        }
    }

    private void AcceptText(char unit, List<OutputPiece> pieces)
    {
        if (unit is ' ' or '\t' or '\n' or '\r' && _tagChars == 0 && _held.Length < TextLimits.ToolCallSpaceHeldMax)
        {
            _held.Append(unit);
            return;
        }
        _held.Append(unit);
        _tagChars++;
        while (_tagChars > 0 && !Begins(_format.Open) && !(_expectsClose && Begins(_format.Close)))
        {
            var certain = _held.Length - _tagChars + 1;
            _followsCall = false;
            _text.Append(_held, 0, certain);
            _held.Remove(0, certain);
            _tagChars--;
        }
        if (_tagChars == 0)
        {
            return;
        }
        if (_expectsClose && _tagChars == _format.Close.Length && Begins(_format.Close))
        {
            // The end of a call whose object ended before: layout, like the white space around it.
            _held.Clear();
            (_tagChars, _expectsClose) = (0, false);
        }
        else if (_tagChars == _format.Open.Length && Begins(_format.Open))
        {
            _isBare = false;
            StartCall(isListOpen: false, pieces);
        }
    }

    /// <summary>Whether a tag begins with the end of what is held.</summary>
    private bool Begins(string tag)
    {
        if (_tagChars > tag.Length)
        {
            return false;
        }
        for (var index = 0; index < _tagChars; index++)
        {
            if (_held[_held.Length - _tagChars + index] != tag[index])
            {
                return false;
            }
        }
        return true;
    }

    private void StartCall(bool isListOpen, List<OutputPiece> pieces)
    {
        Deliver(pieces);
        (_call, _mode, _tagChars, _expectsClose) = (new ToolCallParser(_format, isListOpen, _isBare, _isText), Mode.Call, 0, false);
    }

    private void AcceptCall(char unit, List<OutputPiece> pieces)
    {
        var wasKnown = _call.Name is not null;
        if (_call.Accept(unit))
        {
            if (_call.Name is null)
            {
                _held.Append(unit);
                if (_held.Length > TextLimits.ToolCallCharsHeldMax)
                {
                    BecomeText();
                }
                return;
            }
            if (!wasKnown)
            {
                if (_isBare && !_offered.Contains(_call.Name))
                {
                    _held.Append(unit);
                    BecomeText();
                    return;
                }
                _held.Clear();
                pieces.Add(new OutputPiece(CallCount++, _call.Name, _call.TakeArguments()));
            }
            if (_call.IsComplete)
            {
                Deliver(pieces);
                (_mode, _expectsClose) = (Mode.AfterCall, true);
            }
            return;
        }
        if (!wasKnown)
        {
            BecomeText();
        }
        else
        {
            _call.GiveUp();
            Deliver(pieces);
            (_mode, _expectsClose) = _call.HasArguments ? (Mode.AfterCall, true) : (Mode.Verbatim, false);
        }
        Accept(unit, pieces);
    }

    private void BecomeText()
    {
        // White space at the very beginning is layout if a tag follows it.
        if (_held.Length > TextLimits.ToolCallSpaceHeldMax || !string.IsNullOrWhiteSpace(_held.ToString()))
        {
            _text.Append(_held);
            _held.Clear();
        }
        (_mode, _tagChars, _followsCall) = (Mode.Text, 0, false);
    }

    /// <summary>White space before the closing tag is layout, whatever its length.</summary>
    private void AcceptAfterCall(char unit, List<OutputPiece> pieces)
    {
        if (unit is ' ' or '\t' or '\n' or '\r')
        {
            return;
        }
        (_mode, _followsCall) = (Mode.Text, true);
        if (_format.Separator.Length > 0 && unit == _format.Separator[0])
        {
            StartCall(isListOpen: true, pieces);
            _held.Append(unit);
            return;
        }
        if (_format.HasLines && unit != _format.Close[0])
        {
            // Another call in a line of its own, or text.
            StartCall(isListOpen: true, pieces);
            Accept(unit, pieces);
            return;
        }
        AcceptText(unit, pieces);
    }

    private void AcceptVerbatim(char unit, List<OutputPiece> pieces)
    {
        if (_verbatimEnd[_tagChars] != unit)
        {
            _text.Append(_verbatimEnd, 0, _tagChars);
            _tagChars = 0;
            if (unit != _verbatimEnd[0])
            {
                _text.Append(unit);
                return;
            }
        }
        if (++_tagChars < _verbatimEnd.Length)
        {
            return;
        }
        Deliver(pieces);
        (_mode, _tagChars, _followsCall) = (Mode.Text, 0, true);
        if (_verbatimEnd == _format.Open)
        {
            _isBare = false;
            StartCall(isListOpen: false, pieces);
            _held.Append(_verbatimEnd);
        }
    }

    private void Deliver(List<OutputPiece> pieces)
    {
        if (_mode is Mode.Call && _call.Name is not null && _call.TakeArguments() is { Length: > 0 } fragment)
        {
            pieces.Add(new OutputPiece(CallCount - 1, null, fragment));
        }
        if (_text.Length > 0)
        {
            pieces.Add(new OutputPiece(_mode is Mode.Verbatim ? CallCount - 1 : -1, null, _text.ToString()));
            _text.Clear();
        }
    }
}
