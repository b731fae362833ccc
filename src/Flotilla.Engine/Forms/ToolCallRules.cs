using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Schemas;

namespace Flotilla.Engine.Forms;

/// <summary>Calls of tools, in the way that a model writes them, as parts of a grammar.</summary>
/// <param name="grammar">Where it is built.</param>
/// <param name="json">JSON in it.</param>
/// <param name="format">How the model writes them.</param>
/// <param name="isSingle">Whether there is to be no more than one.</param>
internal sealed class ToolCallRules(GrammarBuilder grammar, JsonRules json, ToolCallFormat format, bool isSingle)
{
    private static readonly ByteSet s_alphanumeric = ByteSet.Range('0', '9') | ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z');

    private static readonly ByteSet s_space = ByteSet.Of((byte)' ') | ByteSet.Of((byte)'\t') | ByteSet.Of((byte)'\n') | ByteSet.Of((byte)'\r');

    private readonly List<(string Name, int Arguments)> _tools = [];
    private (int List, int Call, int BehindCall)? _behindOpen;

    /// <summary>Offers a tool, by the rule for its arguments.</summary>
    public void Add(string name, int arguments) => _tools.Add((name, arguments));

    /// <summary>One call, or several where they are not to be single, and nothing else.</summary>
    public int Calls()
    {
        var opened = grammar.Text(format.Open, BehindOpen().List);
        return json.Space(format.IsOpenOptional ? grammar.Either(BehindOpen().Call, opened) : opened);
    }

    /// <summary>Any text, which calls may end.</summary>
    public int TextOrCalls()
    {
        var text = TaggedText.Until(grammar, format.Open, BehindOpen().List, mayEnd: true);
        // What is read as a call is one, whatever white space is in it; all other objects are text.
        return format.IsOpenOptional ? grammar.Either(text, AnySpace(AsObject(BehindOpen().BehindCall, AnySpace, grammar.Cut))) : text;
    }

    /// <summary>What may follow <see cref="ToolCallFormat.Open"/>, the same without what begins the list, and what may follow a call.</summary>
    private (int List, int Call, int BehindCall) BehindOpen()
    {
        if (_behindOpen is { } known)
            return known;
        var again = !isSingle && format.Separator.Length == 0;
        var end = again ? grammar.Open() : Grammar.Return;
        var close = format.Close.Length > 0 ? json.Space(grammar.Text(format.Close, end)) : end;
        var behindCall = !isSingle && format.Separator.Length > 0 ? grammar.Open() : close;
        var call = format.NameEnd.Length > 0 ? Named(behindCall) : AsObject(behindCall, json.Space, next => next);
        var list = format.ListOpen.Length > 0 ? json.Space(grammar.Text(format.ListOpen, json.Space(call))) : json.Space(call);
        if (again)
            grammar.Close(end, Grammar.Return, json.Space(grammar.Either(Grammar.Return, grammar.Text(format.Open, list))));
        if (behindCall != close)
            grammar.Close(behindCall, close, json.Space(grammar.Text(format.Separator, json.Space(call))));
        _behindOpen = (list, call, behindCall);
        return _behindOpen.Value;
    }

    private int Named(int next) => grammar.Either([.. _tools.Select(t => grammar.Text(t.Name, grammar.Text(format.NameEnd, grammar.Call(t.Arguments, next))))]);

    /// <param name="next">What follows the call.</param>
    /// <param name="space">White space before the name's end.</param>
    /// <param name="known">What follows the name's end, when it is known which call it is.</param>
    private int AsObject(int next, Func<int, int> space, Func<int, int> known)
    {
        var close = json.Space(grammar.Text("}", next));
        if (format.IdChars > 0)
        {
            var id = grammar.Repeat(end => grammar.Bytes(s_alphanumeric, end), format.IdChars, format.IdChars, grammar.Text("\"", close));
            close = grammar.Either(close, json.Space(json.Comma(grammar.Text("\"id\"", json.Colon(grammar.Text("\"", id))))));
        }

        var calls = grammar.Either([.. _tools.Select(t => grammar.Text(SchemaCompiler.Quoted(t.Name), known(Arguments(t.Arguments, close))))]);
        var named = grammar.Text("\"name\"", Between(":", calls));
        if (format.MayTellType)
            named = grammar.Loop(again => grammar.Text("\"type\"", Between(":", grammar.Text("\"function\"", Between(",", again)))), named);
        return grammar.Text("{", space(named));

        int Between(string mark, int then) => space(grammar.Text(mark, space(then)));
    }

    private int Arguments(int arguments, int close) =>
        json.Space(json.Comma(grammar.Text($"\"{format.ArgumentsKey}\"", json.Colon(grammar.Call(arguments, close)))));

    /// <summary>Any white space, as readers take it.</summary>
    private int AnySpace(int next) => grammar.Loop(again => grammar.Bytes(s_space, again), next);
}
