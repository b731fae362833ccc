namespace Flotilla.Engine.Templates;

/// <summary>
/// Cuts a template into tokens, with white space as chat templates are written for: <c>trim_blocks</c> and <c>lstrip_blocks</c> on,
/// one newline at the very end dropped.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineCountedTo;

    // Whether the text at _at begins a line, as far as lstrip_blocks cares.
    private bool _atLineStart = true;

    private TemplateLexer(string source) => _source = source;

    public static List<TemplateToken> Read(string source)
    {
        if (source.Length > TextLimits.TemplateCharsMax)
        {
            throw new TemplateException(
                TemplateError.LimitExceeded,
                $"The chat template has {source.Length} characters; at most {TextLimits.TemplateCharsMax} are allowed.");
        }
        var normal = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return new TemplateLexer(normal.EndsWith('\n') ? normal[..^1] : normal).Read();
    }

    private List<TemplateToken> Read()
    {
        while (_at < _source.Length)
        {
            var tag = FindTag();
            if (tag < 0)
            {
                AddData(_source[_at..]);
                _at = _source.Length;
                break;
            }
            var kind = _source[tag + 1];
            var sign = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : '\0';
            AddData(Stripped(_source.AsSpan(_at, tag - _at), sign, kind));
            _at = tag + (sign == '\0' ? 2 : 3);
            ReadTag(kind);
        }
        _tokens.Add(new TemplateToken(TokenKind.End, "the end of the template", LineAt(_source.Length)));
        return _tokens;
    }

    private int FindTag()
    {
        for (var from = _at; ;)
        {
            var brace = _source.IndexOf('{', from);
            if (brace < 0 || brace + 1 >= _source.Length)
            {
                return -1;
            }
            if (_source[brace + 1] is '{' or '%' or '#')
            {
                return brace;
            }
            from = brace + 1;
        }
    }

    private string Stripped(ReadOnlySpan<char> text, char sign, char kind)
    {
        if (sign == '-')
        {
            return text.TrimEnd().ToString();
        }
        if (sign != '+' && kind != '{')
        {
            var lineStart = text.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _atLineStart) && text[lineStart..].IsWhiteSpace())
            {
                return text[..lineStart].ToString();
            }
        }
        return text.ToString();
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new TemplateToken(TokenKind.Data, text, LineAt(_at)));
        }
    }

    private void ReadTag(char kind)
    {
        switch (kind)
        {
            case '#':
                var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
                if (end < 0)
                {
                    throw Syntax("A comment is not closed.");
                }
                var sign = end > _at && _source[end - 1] is '-' or '+' ? _source[end - 1] : '\0';
                _at = end + 2;
                SkipAfterTag(sign, trimsNewline: true);
                break;
            case '%' when TryReadRaw():
                break;
            case '%':
                Add(TokenKind.BlockBegin, "{%");
                ReadInside("%}", TokenKind.BlockEnd);
                break;
            default:
                Add(TokenKind.VariableBegin, "{{");
                ReadInside("}}", TokenKind.VariableEnd);
                break;
        }
    }

    /// <summary>After a tag's end: <c>-</c> drops all white space, a block or comment drops one newline unless it ends with <c>+</c>.</summary>
    private void SkipAfterTag(char sign, bool trimsNewline)
    {
        var start = _at;
        if (sign == '-')
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }
        }
        else if (trimsNewline && sign != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }
        _atLineStart = _at > start && _source[_at - 1] == '\n';
    }

    private bool TryReadRaw()
    {
        if (!TryTag(_at, "raw", out var bodyStart, out var sign))
        {
            return false;
        }
        _at = bodyStart;
        SkipAfterTag(sign, trimsNewline: false);
        for (var from = _at; ;)
        {
            var tag = _source.IndexOf("{%", from, StringComparison.Ordinal);
            if (tag < 0)
            {
                throw Syntax("A raw block is not closed.");
            }
            var signed = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+';
            if (TryTag(tag + (signed ? 3 : 2), "endraw", out var after, out var endSign))
            {
                AddData(Stripped(_source.AsSpan(_at, tag - _at), signed ? _source[tag + 2] : '\0', '%'));
                _at = after;
                SkipAfterTag(endSign, trimsNewline: true);
                return true;
            }
            from = tag + 2;
        }
    }

    /// <summary>Whether a tag that holds just this word goes on at <paramref name="from"/>, where it ends, and its closing sign.</summary>
    private bool TryTag(int from, string word, out int after, out char sign)
    {
        (after, sign) = (0, '\0');
        var rest = _source.AsSpan(from).TrimStart();
        if (!rest.StartsWith(word, StringComparison.Ordinal))
        {
            return false;
        }
        rest = rest[word.Length..].TrimStart();
        if (!rest.IsEmpty && rest[0] is '-' or '+')
        {
            sign = rest[0];
            rest = rest[1..];
        }
        after = _source.Length - rest.Length + 2;
        return rest.StartsWith("%}", StringComparison.Ordinal);
    }

    private void ReadInside(string closing, TokenKind closingKind)
    {
        var brackets = new Stack<char>();
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }
            if (_at >= _source.Length)
            {
                throw Syntax($"A tag is not closed with '{closing}'.");
            }
            if (brackets.Count == 0 && TryClose(closing, closingKind))
            {
                return;
            }
            ReadToken(brackets);
        }
    }

    private bool TryClose(string closing, TokenKind closingKind)
    {
        var signed = _source[_at] is '-' || (_source[_at] is '+' && closing == "%}") ? 1 : 0;
        if (string.CompareOrdinal(_source, _at + signed, closing, 0, 2) != 0)
        {
            return false;
        }
        Add(closingKind, closing);
        var sign = signed == 1 ? _source[_at] : '\0';
        _at += signed + 2;
        SkipAfterTag(sign, trimsNewline: closing == "%}");
        return true;
    }

    private void ReadToken(Stack<char> brackets)
    {
        var first = _source[_at];
        if (first is '"' or '\'')
        {
            ReadString(first);
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber();
        }
        else if (first == '_' || char.IsLetter(first))
        {
            var end = _at + 1;
            while (end < _source.Length && (_source[end] == '_' || char.IsLetterOrDigit(_source[end])))
            {
                end++;
            }
            if (end - _at > TextLimits.TemplateNameCharsMax)
            {
                throw new TemplateException(
                    TemplateError.LimitExceeded, $"A name has {end - _at} characters; at most {TextLimits.TemplateNameCharsMax} are allowed.", LineAt(_at));
            }
            AddTo(TokenKind.Name, end);
        }
        else
        {
            ReadOperator(brackets);
        }
    }

    private void ReadNumber()
    {
        var end = Digits(_at);
        var isFloat = false;
        if (end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            (isFloat, end) = (true, Digits(end + 1));
        }
        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            var exponent = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                (isFloat, end) = (true, Digits(exponent));
            }
        }
        AddTo(isFloat ? TokenKind.Float : TokenKind.Integer, end);
    }

    private int Digits(int from)
    {
        while (from < _source.Length && (char.IsAsciiDigit(_source[from]) || _source[from] == '_'))
        {
            from++;
        }
        return from;
    }

    private void ReadString(char quote)
    {
        var end = _at + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }
        if (end >= _source.Length)
        {
            throw Syntax("A string is not closed.");
        }
        var line = LineAt(_at);
        _tokens.Add(new TemplateToken(TokenKind.String, StringEscapes.Decode(_source.AsSpan(_at + 1, end - _at - 1)), line));
        _at = end + 1;
    }

    private void ReadOperator(Stack<char> brackets)
    {
        var two = _at + 1 < _source.Length ? _source.Substring(_at, 2) : "";
        var text = two is "//" or "**" or "==" or "!=" or ">=" or "<=" ? two : _source[_at].ToString();
        if (!"+-/*%~[](){}><=.:|,;".Contains(text[0], StringComparison.Ordinal) && text != "!=")
        {
            throw Syntax($"Unexpected character '{text}'.");
        }
        if (text is "(" or "[" or "{")
        {
            brackets.Push(text == "(" ? ')' : text == "[" ? ']' : '}');
        }
        else if (text is ")" or "]" or "}" && (!brackets.TryPop(out var expected) || expected != text[0]))
        {
            throw Syntax($"Unexpected '{text}'.");
        }
        AddTo(TokenKind.Operator, _at + text.Length);
    }

    private void AddTo(TokenKind kind, int end)
    {
        Add(kind, _source[_at..end]);
        _at = end;
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new TemplateToken(kind, text, LineAt(_at)));

    /// <summary>Places are asked for in ascending order, so lines are counted once.</summary>
    private int LineAt(int place)
    {
        _line += _source.AsSpan(_lineCountedTo, Math.Max(0, place - _lineCountedTo)).Count('\n');
        _lineCountedTo = Math.Max(_lineCountedTo, place);
        return _line;
    }

    private TemplateException Syntax(string message) => new(TemplateError.Syntax, message, LineAt(Math.Min(_at, _source.Length)));
}
