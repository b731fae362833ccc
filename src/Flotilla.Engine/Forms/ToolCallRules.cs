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

    private readonly List<(string Name, int Arguments)> _tools = [];
    private (int List, int Call)? _behindOpen;

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
        if (!format.IsOpenOptional)
            return TaggedText.Until(grammar, format.Open, BehindOpen().List, mayEnd: true);
        // What begins as a call does is to be one: whoever reads it could not tell it from one that breaks its schema.
        var text = TaggedText.Until(grammar, format.Open, BehindOpen().List, mayEnd: true, notFirst: '{');
        return grammar.Either(text, json.Space(BehindOpen().Call));
    }

    /// <summary>What may follow <see cref="ToolCallFormat.Open"/>, and the same without what begins the list.</summary>
    private (int List, int Call) BehindOpen()
    {
        if (_behindOpen is { } known)
            return known;
        var again = !isSingle && format.Separator.Length == 0;
        var end = again ? grammar.Open() : Grammar.Return;
        var close = format.Close.Length > 0 ? json.Space(grammar.Text(format.Close, end)) : end;
        var behindCall = !isSingle && format.Separator.Length > 0 ? grammar.Open() : close;
        var call = format.NameEnd.Length > 0 ? Named(behindCall) : AsObject(behindCall);
        var list = format.ListOpen.Length > 0 ? json.Space(grammar.Text(format.ListOpen, json.Space(call))) : json.Space(call);
        if (again)
            grammar.Close(end, Grammar.Return, json.Space(grammar.Text(format.Open, list)));
        if (behindCall != close)
            grammar.Close(behindCall, close, json.Space(grammar.Text(format.Separator, json.Space(call))));
        _behindOpen = (list, call);
        return _behindOpen.Value;
    }

    private int Named(int next) => grammar.Either([.. _tools.Select(t => grammar.Text(t.Name, grammar.Text(format.NameEnd, grammar.Call(t.Arguments, next))))]);

    private int AsObject(int next)
    {
        var close = json.Space(grammar.Text("}", next));
        if (format.IdChars > 0)
        {
            var id = grammar.Repeat(end => grammar.Bytes(s_alphanumeric, end), format.IdChars, format.IdChars, grammar.Text("\"", close));
            close = grammar.Either(close, json.Space(json.Comma(grammar.Text("\"id\"", json.Colon(grammar.Text("\"", id))))));
        }

        var calls = grammar.Either([.. _tools.Select(t => Member(t.Name, t.Arguments, close))]);
        return grammar.Text("{", json.Space(grammar.Text("\"name\"", json.Colon(calls))));
    }

    private int Member(string name, int arguments, int close) => grammar.Text(
        SchemaCompiler.Quoted(name), json.Space(json.Comma(grammar.Text($"\"{format.ArgumentsKey}\"", json.Colon(grammar.Call(arguments, close))))));
}
