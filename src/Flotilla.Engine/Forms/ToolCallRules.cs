using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Schemas;

namespace Flotilla.Engine.Forms;

/// <summary>Calls of tools in the form of Hermes and Qwen as parts of a grammar.</summary>
internal sealed class ToolCallRules(GrammarBuilder grammar, JsonRules json)
{
    private readonly List<(string Name, int Arguments)> _tools = [];
    private int? _afterTag;

    /// <summary>Offers a tool, by the rule for its arguments.</summary>
    public void Add(string name, int arguments) => _tools.Add((name, arguments));

    /// <summary>One call, or several where they are not to be single, and nothing else.</summary>
    public int Calls(bool isSingle) => json.Space(grammar.Text(ToolCallTags.Open, AfterTag(isSingle)));

    /// <summary>Any text, which calls may end.</summary>
    public int TextOrCalls(bool isSingle) => TaggedText.Until(grammar, ToolCallTags.Open, AfterTag(isSingle), mayEnd: true);

    private int AfterTag(bool isSingle)
    {
        if (_afterTag is { } known)
            return known;
        var end = isSingle ? Grammar.Return : grammar.Open();
        var close = json.Space(grammar.Text("}", json.Space(grammar.Text(ToolCallTags.Close, end))));
        var call = grammar.Either([.. _tools.Select(t => Call(t.Name, t.Arguments, close))]);
        _afterTag = json.Space(grammar.Text("{", json.Space(grammar.Text("\"name\"", json.Colon(call)))));
        if (!isSingle)
            grammar.Close(end, Grammar.Return, json.Space(grammar.Text(ToolCallTags.Open, _afterTag.Value)));
        return _afterTag.Value;
    }

    private int Call(string name, int arguments, int close) => grammar.Text(
        SchemaCompiler.Quoted(name), json.Space(json.Comma(grammar.Text("\"arguments\"", json.Colon(grammar.Call(arguments, close))))));
}
