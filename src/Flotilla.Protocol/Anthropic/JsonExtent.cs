namespace Flotilla.Protocol.Anthropic;

/// <summary>Tells from its pieces whether an object of JSON has come to its end. What is no JSON may never end, or too soon; it is not checked here.</summary>
internal sealed class JsonExtent
{
    private int _depth;
    private bool _isQuoted;
    private bool _isEscaped;

    /// <summary>Whether the outermost brace was closed.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Takes in the next piece.</summary>
    public void Add(string text)
    {
        foreach (var c in text)
        {
            if (_isEscaped)
                _isEscaped = false;
            else if (_isQuoted && c == '\\')
                _isEscaped = true;
            else if (c == '"')
                _isQuoted = !_isQuoted;
            else if (!_isQuoted && c is ('{' or '['))
                _depth++;
            else if (!_isQuoted && c is ('}' or ']'))
                IsWhole |= --_depth == 0;
        }
    }
}
