using System.Text;
using System.Text.Json;

namespace Flotilla.Engine.Chat;

/// <summary>
/// Reads one call in the tags of <see cref="TaggedCall"/> character by character. Arguments that are texts come out as they are read;
/// of others the end must have come, for only then it is certain what they are.
/// </summary>
/// <param name="isText">Whether an argument of a tool, both by name, can be nothing but a text.</param>
/// <param name="json">Takes the arguments, as the object of JSON that they are.</param>
internal sealed class TaggedCallParser(Func<string, string, bool> isText, StringBuilder json) : ICallParser
{
    private static readonly string[] s_inCall = [TaggedCall.ArgumentOpen, TaggedCall.Close];

    // A tag or a name as far as it has been read; in a value, what may begin its end.
    private readonly StringBuilder _held = new();

    // A value whose end tells what it is.
    private readonly StringBuilder _value = new();
    private State _state;
    private bool _hasArguments;
    private bool _isText;
    private bool _isBegun;

    private enum State
    {
        BeforeCall,
        InName,
        InCall,
        InArgumentName,
        InValue,
        Ended,
    }

    /// <inheritdoc/>
    public string? Name { get; private set; }

    /// <inheritdoc/>
    public bool IsComplete => _state == State.Ended;

    /// <inheritdoc/>
    public bool Accept(char unit)
    {
        switch (_state)
        {
            case State.BeforeCall:
                return AcceptTag(unit, [TaggedCall.Open]);
            case State.InCall:
                return AcceptTag(unit, s_inCall);
            case State.InName or State.InArgumentName:
                return AcceptName(unit);
            case State.InValue:
                AcceptValue(unit);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void GiveUp()
    {
        if (Name is not null && _state != State.Ended)
            json.Append(_value).Append(_held);
    }

    /// <summary>White space, then one of the tags.</summary>
    private bool AcceptTag(char unit, ReadOnlySpan<string> tags)
    {
        if (_held.Length == 0 && unit is ' ' or '\t' or '\n' or '\r')
            return true;
        _held.Append(unit);
        var read = _held.ToString();
        foreach (var tag in tags)
        {
            if (!tag.StartsWith(read, StringComparison.Ordinal))
                continue;
            if (read.Length == tag.Length)
                Enter(tag);
            return true;
        }

        _held.Length--;
        return false;
    }

    private void Enter(string tag)
    {
        _held.Clear();
        _state = tag == TaggedCall.Open ? State.InName : tag == TaggedCall.Close ? State.Ended : State.InArgumentName;
        if (IsComplete)
            json.Append('}');
    }

    private bool AcceptName(char unit)
    {
        if (unit != TaggedCall.NameEnd)
        {
            _held.Append(unit);
            return _held.Length <= TextLimits.ToolNameCharsMax;
        }

        var name = _held.ToString().Trim();
        if (!TaggedCall.IsName(name))
            return false;
        _held.Clear();
        if (_state == State.InName)
        {
            (Name, _state) = (name, State.InCall);
            json.Append('{');
            return true;
        }

        json.AppendName(name, isFirst: !_hasArguments);
        (_hasArguments, _isBegun, _isText, _state) = (true, false, isText(Name!, name), State.InValue);
        json.Append(_isText ? "\"" : "");
        return true;
    }

    private void AcceptValue(char unit)
    {
        // The line end behind the tag is layout, as the one before the next tag is.
        if (!_isBegun && unit == '\n')
        {
            _isBegun = true;
            return;
        }

        _isBegun = true;
        if (_held.Length == 0 && unit is not ('\n' or '<'))
        {
            Take(unit);
            return;
        }

        _held.Append(unit);
        var read = _held.ToString();
        if (read.AsSpan().TrimStart('\n').SequenceEqual(TaggedCall.ArgumentClose) && read.Length <= TaggedCall.ArgumentClose.Length + 1)
        {
            EndValue();
            return;
        }

        while (_held.Length > 0 && !MayEnd(_held))
        {
            Take(_held[0]);
            _held.Remove(0, 1);
        }
    }

    private static bool MayEnd(StringBuilder held)
    {
        var first = held[0] == '\n' ? 1 : 0;
        if (held.Length - first > TaggedCall.ArgumentClose.Length)
            return false;
        for (var index = first; index < held.Length; index++)
        {
            if (held[index] != TaggedCall.ArgumentClose[index - first])
                return false;
        }

        return true;
    }

    private void Take(char unit)
    {
        if (!_isText && _value.Length == TextLimits.ToolCallCharsHeldMax)
            BecomeText();
        if (_isText)
            json.AppendCharacter(unit);
        else
            _value.Append(unit);
    }

    private void BecomeText()
    {
        _isText = true;
        json.Append('"');
        foreach (var unit in _value.ToString())
            json.AppendCharacter(unit);
        _value.Clear();
    }

    private void EndValue()
    {
        var written = _value.ToString();
        if (!_isText && !IsJson(written))
            BecomeText();
        json.Append(_isText ? "\"" : written.Trim());
        _held.Clear();
        _value.Clear();
        _state = State.InCall;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var _ = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = TextLimits.JsonDepthMax });
            return true;
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException)
        {
            // The one way that the reader has to say it; then it is a text.
            return false;
        }
    }
}
