using System.Text;

namespace Flotilla.Engine.Chat.Python;

/// <summary>Reads a text that stands between two of the same tag, as it is, character by character and writes it as a string of JSON.</summary>
/// <param name="tag">The tag, whose first character comes but once in it.</param>
/// <param name="json">Takes the string as it is read.</param>
internal sealed class TaggedTextParser(string tag, StringBuilder json)
{
    private bool _isInside;
    private int _matched;

    /// <summary>Begins a text before its first tag.</summary>
    public void Begin() => (_isInside, _matched) = (false, 0);

    /// <summary>Takes a character.</summary>
    public JsonValueScanner.Result Accept(char unit)
    {
        if (unit == tag[_matched])
            return ++_matched == tag.Length ? EndTag() : JsonValueScanner.Result.Inside;
        if (!_isInside)
            return JsonValueScanner.Result.Malformed;
        GiveUp();
        if (unit == tag[0])
            _matched = 1;
        else
            json.AppendCharacter(unit);
        return JsonValueScanner.Result.Inside;
    }

    /// <summary>Passes on what may begin the tag, as it stands.</summary>
    public void GiveUp()
    {
        foreach (var unit in tag.AsSpan(0, _matched))
            json.AppendCharacter(unit);
        _matched = 0;
    }

    private JsonValueScanner.Result EndTag()
    {
        json.Append('"');
        (var isEnd, _isInside, _matched) = (_isInside, true, 0);
        return isEnd ? JsonValueScanner.Result.Last : JsonValueScanner.Result.Inside;
    }
}
