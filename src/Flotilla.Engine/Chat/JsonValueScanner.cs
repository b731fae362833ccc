namespace Flotilla.Engine.Chat;

/// <summary>
/// Finds the end of one JSON value that comes character by character. Brackets, strings and the alphabet are checked, the grammar
/// between is not: what is passed on verbatim needs no more.
/// </summary>
internal struct JsonValueScanner
{
    // One bit a level, set for an array.
    private ulong _arrays;
    private int _depth;
    private bool _inString;
    private bool _escaped;
    private bool _inScalar;

    public enum Result
    {
        /// <summary>The character belongs to the value, which goes on.</summary>
        Inside,

        /// <summary>The character is the value's last.</summary>
        Last,

        /// <summary>The value, a number or a word, ended before this character.</summary>
        EndedBefore,

        /// <summary>No JSON goes on like this.</summary>
        Malformed,
    }

    public Result Accept(char unit)
    {
        if (_inString)
        {
            return InString(unit);
        }
        if (_inScalar)
        {
            return IsScalar(unit) ? Result.Inside : Result.EndedBefore;
        }
        switch (unit)
        {
            case '"':
                _inString = true;
                return Result.Inside;
            case '{' or '[':
                return Open(unit == '[');
            case '}' or ']':
                return Close(unit == ']');
            case ',' or ':' or ' ' or '\t' or '\n' or '\r':
                return _depth > 0 ? Result.Inside : Result.Malformed;
            default:
                _inScalar = _depth == 0;
                return IsScalar(unit) ? Result.Inside : Result.Malformed;
        }
    }

    private Result InString(char unit)
    {
        if (_escaped)
        {
            _escaped = false;
            return unit < ' ' ? Result.Malformed : Result.Inside;
        }
        _escaped = unit == '\\';
        _inString = unit != '"';
        if (unit < ' ')
        {
            return Result.Malformed;
        }
        return !_inString && _depth == 0 ? Result.Last : Result.Inside;
    }

    private Result Open(bool isArray)
    {
        if (_depth == TextLimits.JsonDepthMax)
        {
            return Result.Malformed;
        }
        _arrays = isArray ? _arrays | (1UL << _depth) : _arrays & ~(1UL << _depth);
        _depth++;
        return Result.Inside;
    }

    private Result Close(bool isArray)
    {
        if (_depth == 0 || ((_arrays >> (_depth - 1)) & 1) != (isArray ? 1UL : 0UL))
        {
            return Result.Malformed;
        }
        return --_depth == 0 ? Result.Last : Result.Inside;
    }

    private static bool IsScalar(char unit) => char.IsAsciiLetterOrDigit(unit) || unit is '+' or '-' or '.';
}
