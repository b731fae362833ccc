using Flotilla.Engine.Chat;
using Flotilla.Engine.Chat.Python;
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

    private readonly List<Tool> _tools = [];

    /// <summary>Offers a tool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Gives the rule for its arguments, written in a way.</param>
    public void Add(string name, Func<ObjectStyle, int> arguments) => _tools.Add(new Tool(
        name,
        format.HasObjects ? arguments(ObjectStyle.Json) : null,
        format.HasTags ? arguments(ObjectStyle.Tags)
            : format.Notation is { } notation ? arguments(notation == CallNotation.Python ? ObjectStyle.Keywords : ObjectStyle.Escaped) : null));

    /// <summary>One call, or several where they are not to be single, and nothing else.</summary>
    public int Calls()
    {
        var opened = grammar.Text(format.Open, Several(Opened).Calls);
        return json.Space(format.IsOpenOptional ? grammar.Either(Several(Unopened).Calls, opened) : opened);
    }

    /// <summary>Any text, which calls may end.</summary>
    public int TextOrCalls()
    {
        var text = TaggedText.Until(grammar, format.Open, Several(Opened).Calls, mayEnd: true);
        if (!format.IsOpenOptional)
            return text;
        // What is read as a call is one, whatever white space is in it; all else is text, up to the end of the first call's name.
        var behindCall = Several(Unopened).BehindCall;
        return grammar.Either(text, AnySpace(format.HasObjects
            ? AsObject(behindCall, AnySpace, grammar.Cut)
            : grammar.Text(format.ListOpen, AnySpace(AsPython(behindCall, AnySpace, grammar.Cut)))));
    }

    /// <summary>One call or several, and what may follow one.</summary>
    private (int Calls, int BehindCall) Several(Func<int, int> one)
    {
        var again = !isSingle && format.Separator.Length == 0;
        var end = again ? grammar.Open() : Grammar.Return;
        var close = format.Close.Length > 0 ? json.Space(grammar.Text(format.Close, end)) : end;
        var behindCall = !isSingle && (format.Separator.Length > 0 || format.HasLines) ? grammar.Open() : close;
        var call = one(behindCall);
        var calls = json.Space(grammar.Text(format.ListOpen, json.Space(call)));
        if (again)
            grammar.Close(end, Grammar.Return, json.Space(grammar.Either(Grammar.Return, grammar.Text(format.Open, calls))));
        if (behindCall != close)
            grammar.Close(behindCall, close, format.HasLines ? grammar.Text("\n", call) : json.Space(grammar.Text(format.Separator, json.Space(call))));
        return (calls, behindCall);
    }

    /// <summary>A call that an opening tag may stand before.</summary>
    private int Opened(int next)
    {
        if (format.NameEnd.Length > 0)
            return grammar.Either([.. _tools.Select(t => grammar.Text(t.Name, grammar.Text(format.NameEnd, grammar.Call(t.Arguments!.Value, next))))]);
        if (format.HasTags)
            return grammar.Either([.. _tools.Select(t => grammar.Text($"{TaggedCall.Open}{t.Name}{TaggedCall.NameEnd}", grammar.Call(t.Others!.Value, next)))]);
        return grammar.Either(
            format.HasObjects ? AsObject(next, json.Space, known => known) : grammar.Either(),
            format.Notation is null ? grammar.Either() : AsPython(next, json.Space, known => known));
    }

    /// <summary>One that shows by itself what it is.</summary>
    private int Unopened(int next) => format.HasObjects ? AsObject(next, json.Space, known => known) : AsPython(next, json.Space, known => known);

    /// <param name="next">What follows the call.</param>
    /// <param name="space">White space before the parenthesis.</param>
    /// <param name="known">What follows the parenthesis, when it is known which call it is.</param>
    private int AsPython(int next, Func<int, int> space, Func<int, int> known) => grammar.Either([.. _tools.Select(
        t => grammar.Text(t.Name + format.Suffix, space(grammar.Text($"{format.Notation!.Open}", known(grammar.Call(t.Others!.Value, next))))))]);

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

        var calls = grammar.Either([.. _tools.Select(t => grammar.Text(SchemaCompiler.Quoted(t.Name), known(Arguments(t.Arguments!.Value, close))))]);
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

    /// <param name="Name">What it is called.</param>
    /// <param name="Arguments">The rule for its arguments as an object; null where calls have none.</param>
    /// <param name="Others">The rule for its arguments as Python writes them, or between tags; null where nobody does.</param>
    private sealed record Tool(string Name, int? Arguments, int? Others);
}
