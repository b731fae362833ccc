using System.Text;
using System.Text.Json;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;
using Flotilla.Engine.Forms.Schemas;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>A compiled schema, to be asked byte by byte.</summary>
internal sealed class Form
{
    private readonly Automaton _automaton;

    private Form(Grammar grammar) => _automaton = new Automaton(grammar);

    public static Form OfSchema(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        var (grammar, patterns, json) = Builders();
        return new Form(grammar.Build(SchemaCompiler.Compile(grammar, json, patterns, document.RootElement, JsonTypes.All)));
    }

    /// <summary>The texts of a pattern, as they stand inside a JSON string, without the quotes.</summary>
    public static Form OfPattern(string pattern)
    {
        var (grammar, patterns, _) = Builders();
        return new Form(grammar.Build(grammar.NewRule(patterns.Search(pattern, Grammar.Return))));
    }

    public bool Accepts(string text)
    {
        _automaton.Allow(TextLimits.FormStepsMax);
        var state = _automaton.Start;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            state = _automaton.Next(state, value);
            if (state == Automaton.Dead)
                return false;
        }

        return _automaton.IsComplete(state);
    }

    /// <summary>A text drawn byte by byte, ends preferred; null where it grew too long. A state without a way on would throw.</summary>
    public string? Draw(Random random, int bytesMax = 4000)
    {
        var (state, bytes) = (_automaton.Start, new List<byte>());
        _automaton.Allow(TextLimits.FormStepsMax);
        while (!_automaton.IsComplete(state) || random.Next(2) == 0)
        {
            byte[] allowed = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(b => _automaton.Next(state, b) != Automaton.Dead)];
            if (allowed.Length == 0 && _automaton.IsComplete(state))
                break;
            byte[] ends = [.. allowed.Where(b => "\"]}".Contains((char)b))];
            var drawn = ends.Length > 0 && random.Next(3) == 0 ? ends : allowed;
            bytes.Add(drawn[random.Next(drawn.Length)]);
            state = _automaton.Next(state, bytes[^1]);
            _automaton.Allow(TextLimits.FormStepsMax);
            if (bytes.Count > bytesMax)
                return null;
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }

    private static (GrammarBuilder, PatternRules, JsonRules) Builders()
    {
        var grammar = new GrammarBuilder();
        var patterns = new PatternRules(grammar);
        return (grammar, patterns, new JsonRules(grammar, patterns));
    }
}
