using Flotilla.Engine.Chat.Python;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>JSON itself as parts of a grammar.</summary>
internal sealed class JsonRules
{
    /// <summary>What a word is made of.</summary>
    public static readonly ByteSet InWord = ByteSet.Range('0', '9') | ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z') | ByteSet.Of((byte)'_');

    /// <summary>What a word begins with.</summary>
    public static readonly ByteSet AtWord = InWord & ~ByteSet.Range('0', '9');

    /// <summary>Digits of a number before and after its point: what a double holds exactly. Without a bound a model may count on for ever.</summary>
    public const int DigitsMax = 15;

    private const int IndentMax = 32;

    private readonly GrammarBuilder _grammar;
    private readonly int _space;
    private readonly int _character;
    private readonly int _integer;
    private readonly int _number;
    private readonly int _value;
    private readonly int _object;

    public JsonRules(GrammarBuilder grammar, PatternRules patterns)
    {
        _grammar = grammar;
        _space = grammar.NewRule(SpaceEntry());
        _character = grammar.NewRule(CharacterEntry(patterns));
        _integer = grammar.NewRule(IntegerEntry(Grammar.Return));
        _number = grammar.NewRule(IntegerEntry(FractionEntry()));
        (_value, _object) = (grammar.NewRule(), grammar.NewRule());
        grammar.Define(_object, Braces('{', Member(AnyValue), '}'));
        grammar.Define(_value, grammar.Either(
            AnyObject(Grammar.Return),
            Braces('[', AnyValue, ']'),
            AnyText(Grammar.Return),
            AnyNumber(Grammar.Return),
            grammar.Text("true", Grammar.Return),
            grammar.Text("false", Grammar.Return),
            grammar.Text("null", Grammar.Return)));
    }

    /// <summary>Nothing, a blank, or a new line with its indent.</summary>
    public int Space(int next) => _grammar.Call(_space, next);

    /// <summary>A comma between two elements.</summary>
    public int Comma(int next) => _grammar.Text(",", Space(next));

    /// <summary>A colon between name and value.</summary>
    public int Colon(int next) => Space(_grammar.Text(":", Space(next)));

    /// <summary>A character inside a string, written plainly or escaped.</summary>
    public int Character(int next) => _grammar.Call(_character, next);

    /// <summary>Any string.</summary>
    public int AnyText(int next) => _grammar.Text("\"", _grammar.Loop(Character, _grammar.Text("\"", next)));

    /// <summary>Any number without fraction and exponent.</summary>
    public int AnyInteger(int next) => _grammar.Call(_integer, next);

    /// <summary>Any number.</summary>
    public int AnyNumber(int next) => _grammar.Call(_number, next);

    /// <summary>Any object.</summary>
    public int AnyObject(int next) => _grammar.Call(_object, next);

    /// <summary>Any arguments, as a notation writes them, up to what closes them.</summary>
    public int AnyArguments(CallNotation notation) => _grammar.NewRule(Elements(
        next => AnyWord(_grammar.Text($"{notation.Assign}", notation.TextTag.Length == 0 ? AnyValue(next) : _grammar.Either(AnyValue(next), Tagged(notation.TextTag, next)))), notation.Close));

    /// <summary>Any text between two of the same tag.</summary>
    public int Tagged(string tag, int next) => _grammar.Text(tag, TaggedText.Until(_grammar, tag, next, mayEnd: false));

    /// <summary>Any word.</summary>
    public int AnyWord(int next) => _grammar.Bytes(AtWord, _grammar.Loop(more => _grammar.Bytes(InWord, more), next));

    /// <summary>Any value.</summary>
    public int AnyValue(int next) => _grammar.Call(_value, next);

    private int SpaceEntry()
    {
        var indent = _grammar.Repeat(next => _grammar.Bytes(ByteSet.Of((byte)' ') | ByteSet.Of((byte)'\t'), next), 0, IndentMax, Grammar.Return);
        return _grammar.Either(Grammar.Return, _grammar.Text(" ", Grammar.Return), _grammar.Text("\n", indent));
    }

    private int CharacterEntry(PatternRules patterns)
    {
        // Surrogates written as escapes come in pairs that no set of single characters describes: such characters are written plainly.
        var hexadecimal = Digits("0123456789abcdefABCDEF");
        var three = _grammar.Repeat(next => _grammar.Bytes(hexadecimal, next), 3, 3, Grammar.Return);
        var two = _grammar.Repeat(next => _grammar.Bytes(hexadecimal, next), 2, 2, Grammar.Return);
        var escaped = _grammar.Either(
            _grammar.Bytes(Digits("\"\\/bfnrt"), Grammar.Return),
            _grammar.Text("u", _grammar.Either(
                _grammar.Bytes(hexadecimal & ~Digits("dD"), three),
                _grammar.Bytes(Digits("dD"), _grammar.Bytes(Digits("01234567"), two)))));
        var plain = CodePointSet.Of((' ', '!'), ('#', '['), (']', 0x10FFFF));
        return _grammar.Either(patterns.Character(plain, Grammar.Return), _grammar.Text("\\", escaped));
    }

    private int IntegerEntry(int next)
    {
        var digit = ByteSet.Range('0', '9');
        var many = _grammar.Bytes(ByteSet.Range('1', '9'), _grammar.Repeat(end => _grammar.Bytes(digit, end), 0, DigitsMax - 1, next));
        return _grammar.Maybe(unsigned => _grammar.Text("-", unsigned), _grammar.Either(_grammar.Text("0", next), many));
    }

    private int FractionEntry()
    {
        var digit = ByteSet.Range('0', '9');
        var exponent = _grammar.Bytes(
            Digits("eE"),
            _grammar.Maybe(next => _grammar.Bytes(Digits("+-"), next), _grammar.Repeat(next => _grammar.Bytes(digit, next), 1, 2, Grammar.Return)));
        var end = _grammar.Either(Grammar.Return, exponent);
        return _grammar.Maybe(next => _grammar.Text(".", _grammar.Repeat(more => _grammar.Bytes(digit, more), 1, DigitsMax, next)), end);
    }

    private Func<int, int> Member(Func<int, int> value) => next => AnyText(Colon(value(next)));

    /// <summary>Elements between brackets, in any number.</summary>
    private int Braces(char open, Func<int, int> element, char close) => _grammar.Text(open.ToString(), Elements(element, close));

    private int Elements(Func<int, int> element, char close)
    {
        var end = Space(_grammar.Text(close.ToString(), Grammar.Return));
        var elements = element(_grammar.Loop(next => Space(Comma(element(next))), end));
        return _grammar.Either(end, Space(elements));
    }

    private static ByteSet Digits(string characters)
    {
        var set = default(ByteSet);
        foreach (var character in characters)
            set |= ByteSet.Of((byte)character);
        return set;
    }
}
