using System.Text;

namespace Flotilla.Engine.Chat;

/// <summary>
/// Tells tool calls from text in what a model writes: <c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, the form
/// of Hermes and Qwen. Nothing is lost: what turns out to be no call before its name is known is delivered as text, and what is
/// wrong after that as the call's arguments, up to the closing tag, for the caller to refuse.
/// </summary>
internal sealed class ToolCallReader
{
    private const string Open = ToolCallTags.Open;
    private const string Close = ToolCallTags.Close;

    private readonly StringBuilder _text = new();

    // White space and the beginning of a tag, in text; all since the tag, in a call that has no name yet.
    private readonly StringBuilder _held = new();
    private ToolCallParser _call = new();
    private Mode _mode;
    private int _tagChars;
    private bool _expectsClose;

    // Whether nothing but white space has come since a call: then it is layout.
    private bool _followsCall;

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
            _text.Append(Close, 0, _tagChars);
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
        if (!TagGoesOn(unit))
        {
            _followsCall = false;
            _text.Append(_held);
            _held.Clear();
            _tagChars = 0;
            if (unit != '<')
            {
                _text.Append(unit);
                return;
            }
        }
        _held.Append(unit);
        _tagChars++;
        if (TagIs(Open))
        {
            StartCall(pieces);
        }
        else if (TagIs(Close))
        {
            // The end of a call whose object ended before: layout, like the white space around it.
            _held.Clear();
            (_tagChars, _expectsClose) = (0, false);
        }
    }

    private bool TagGoesOn(char unit) =>
        _tagChars == 0 ? unit == '<'
        : _tagChars == 1 ? unit == 't' || (unit == '/' && _expectsClose)
        : Tag[_tagChars] == unit;

    private string Tag => _held[^(_tagChars - 1)] == '/' ? Close : Open;

    private bool TagIs(string tag) => _tagChars == tag.Length && Tag == tag;

    private void StartCall(List<OutputPiece> pieces)
    {
        Deliver(pieces);
        (_call, _mode, _tagChars, _expectsClose) = (new ToolCallParser(), Mode.Call, 0, false);
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
            Deliver(pieces);
            (_mode, _expectsClose) = _call.HasArguments ? (Mode.AfterCall, true) : (Mode.Verbatim, false);
        }
        Accept(unit, pieces);
    }

    private void BecomeText()
    {
        _text.Append(_held);
        _held.Clear();
        (_mode, _tagChars, _followsCall) = (Mode.Text, 0, false);
    }

    /// <summary>White space before the closing tag is layout, whatever its length.</summary>
    private void AcceptAfterCall(char unit, List<OutputPiece> pieces)
    {
        if (unit is not (' ' or '\t' or '\n' or '\r'))
        {
            (_mode, _followsCall) = (Mode.Text, true);
            AcceptText(unit, pieces);
        }
    }

    private void AcceptVerbatim(char unit, List<OutputPiece> pieces)
    {
        if (Close[_tagChars] != unit)
        {
            _text.Append(Close, 0, _tagChars);
            _tagChars = 0;
            if (unit != '<')
            {
                _text.Append(unit);
                return;
            }
        }
        if (++_tagChars == Close.Length)
        {
            Deliver(pieces);
            (_mode, _tagChars, _followsCall) = (Mode.Text, 0, true);
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
