using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flotilla.Engine.Forms.Grammars;
using Flotilla.Engine.Forms.Patterns;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>
/// A JSON Schema as rules of a grammar. Every text that the rules allow is a value that the schema allows; not the other way
/// round: properties come in the schema's order, white space is little, and where the keywords of one type stand alone that type is meant.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int OneOfMax = 256;

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly SchemaPart s_object = new("the call", JsonSerializer.SerializeToElement(new { type = "object" }));

    private readonly GrammarBuilder _grammar;
    private readonly JsonRules _json;
    private readonly SchemaScope _scope;
    private readonly ObjectRules _objects;
    private readonly ArrayRules _arrays;
    private readonly NumberRules _numbers;
    private readonly StringRules _strings;
    private readonly FrozenSet<string> _texts;
    private readonly Dictionary<string, int> _rules = [];
    private readonly Dictionary<string, int> _parts = [];
    private readonly Queue<(IReadOnlyList<SchemaPart> Parts, ObjectStyle Style, int Rule)> _open = new();

    private SchemaCompiler(GrammarBuilder grammar, JsonRules json, PatternRules patterns, JsonElement schema)
    {
        (_grammar, _json, _scope, _texts) = (grammar, json, new SchemaScope(schema), TextArguments.Of(schema));
        _objects = new ObjectRules(grammar, json, this);
        _arrays = new ArrayRules(grammar, json, this);
        _numbers = new NumberRules(grammar, json);
        _strings = new StringRules(grammar, json, patterns);
    }

    /// <summary>The rule for values of the types that the schema allows.</summary>
    /// <param name="grammar">Where it is built.</param>
    /// <param name="json">JSON in it.</param>
    /// <param name="patterns">Regular expressions in it.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="types">All types, or objects alone.</param>
    /// <param name="style">How the value itself is written, where it is an object; what is inside it is JSON.</param>
    /// <exception cref="FormException">The schema is malformed or uses what answers cannot be held to.</exception>
    public static int Compile(
        GrammarBuilder grammar, JsonRules json, PatternRules patterns, JsonElement schema, JsonTypes types, ObjectStyle style = ObjectStyle.Json)
    {
        var compiler = new SchemaCompiler(grammar, json, patterns, schema);
        SchemaPart[] parts = types == JsonTypes.Object ? [compiler._scope.Root, s_object] : [compiler._scope.Root];
        var rule = compiler.RuleOf(compiler._scope.Flatten(parts), style);
        while (compiler._open.TryDequeue(out var next))
            grammar.Define(next.Rule, compiler.Entry(next.Parts, next.Style));
        return rule;
    }

    /// <summary>A text as JSON writes it, with no more escapes than it must have.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text, s_plain);

    /// <summary>A value that all of the schemas allow.</summary>
    public int Value(IReadOnlyList<SchemaPart> parts, int next)
    {
        var flat = _scope.Flatten(parts);
        return flat.All(p => p.Schema.ValueKind == JsonValueKind.True) ? _json.AnyValue(next) : _grammar.Call(RuleOf(flat, ObjectStyle.Json), next);
    }

    /// <summary>Whether a property of the whole is a text wherever texts stand as they are.</summary>
    public bool IsTextArgument(string name) => _texts.Contains(name);

    /// <summary>What the schemas, followed to the end, say together.</summary>
    public SchemaFacts FactsOf(IEnumerable<SchemaPart> parts) => new(_scope.Flatten(parts));

    private int RuleOf(IReadOnlyList<SchemaPart> flat, ObjectStyle style)
    {
        // By numbers of parts: a rule's parts are many, and their pointers long.
        var key = $"{style} {string.Join(' ', flat.Select(p => NumberOf(p.Key)))}";
        if (!_rules.TryGetValue(key, out var rule))
        {
            _rules.Add(key, rule = _grammar.NewRule());
            _open.Enqueue((flat, style, rule));
        }

        return rule;
    }

    private int NumberOf(string part)
    {
        if (!_parts.TryGetValue(part, out var number))
            _parts.Add(part, number = _parts.Count);
        return number;
    }

    private int Entry(IReadOnlyList<SchemaPart> parts, ObjectStyle style)
    {
        for (var index = 0; index < parts.Count; index++)
        {
            var part = parts[index];
            if ((part.Chosen & SchemaPart.AnyOf) == 0 && part.TryGet("anyOf", out var any))
                return Choose(parts, index, SchemaPart.AnyOf, SchemaScope.Branches(part, "anyOf", any), style);
            if ((part.Chosen & SchemaPart.OneOf) != 0 || !part.TryGet("oneOf", out var one))
                continue;
            var branches = SchemaScope.Branches(part, "oneOf", one);
            RefuseOverlap(part, branches);
            return Choose(parts, index, SchemaPart.OneOf, branches, style);
        }

        var facts = new SchemaFacts(parts);
        if (facts.Values is null)
            return OfTypes(facts, style);
        return style == ObjectStyle.Json ? OfValues(facts) : throw parts[0].Wrong("the model writes calls otherwise than as JSON, where 'enum' and 'const' cannot list all arguments together.");
    }

    private int Choose(IReadOnlyList<SchemaPart> parts, int index, int choice, IReadOnlyList<SchemaPart> branches, ObjectStyle style)
    {
        SchemaPart[] rest = [.. parts];
        rest[index] = rest[index] with { Chosen = rest[index].Chosen | choice };
        return _grammar.Either([.. branches.Select(b => _grammar.Call(RuleOf(_scope.Flatten([b], rest), style), Grammar.Return))]);
    }

    private int OfTypes(SchemaFacts facts, ObjectStyle style)
    {
        var branches = new List<int>();
        if (facts.Types.HasFlag(JsonTypes.Object))
            branches.Add(_objects.Entry(facts, style));
        if (facts.Types.HasFlag(JsonTypes.Array))
            branches.Add(_arrays.Entry(facts));
        if (facts.Types.HasFlag(JsonTypes.String))
            branches.Add(_strings.Entry(facts));
        if ((facts.Types & JsonTypes.Number) != JsonTypes.None)
            branches.Add(_numbers.Entry(facts));
        if (facts.Types.HasFlag(JsonTypes.Boolean))
            branches.AddRange([_grammar.Text("true", Grammar.Return), _grammar.Text("false", Grammar.Return)]);
        if (facts.Types.HasFlag(JsonTypes.Null))
            branches.Add(_grammar.Text("null", Grammar.Return));
        return _grammar.Either([.. branches]);
    }

    private int OfValues(SchemaFacts facts)
    {
        var held = facts.Values!.Where(v => (SchemaFacts.TypeOf(v) & facts.Types) != JsonTypes.None).ToArray();
        foreach (var part in facts.Parts)
        {
            string[] others = ["properties", "items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
            if (others.FirstOrDefault(k => part.TryGet(k, out _)) is { } other && held.Any(v => MayBreak(other, SchemaFacts.TypeOf(v))))
                throw part.Wrong($"answers cannot be held to '{other}' beside 'enum' or 'const'; leave out the values that it forbids.");
        }

        return _grammar.Either([.. held.Select(v => _grammar.Text(JsonSerializer.Serialize(v, s_plain), Grammar.Return))]);
    }

    private static bool MayBreak(string keyword, JsonTypes type) => type == keyword switch
    {
        "properties" => JsonTypes.Object,
        "items" or "prefixItems" or "minItems" or "maxItems" => JsonTypes.Array,
        "minLength" or "maxLength" or "pattern" or "format" => JsonTypes.String,
        _ => type & JsonTypes.Number,
    };

    /// <summary>A value of two branches would be of none: so they must be told apart, by type or by a property's value.</summary>
    private void RefuseOverlap(SchemaPart part, IReadOnlyList<SchemaPart> branches)
    {
        if (branches.Count > OneOfMax)
            throw part.Wrong($"'oneOf' has {branches.Count} schemas; at most {OneOfMax} are allowed.");
        SchemaFacts[] facts = [.. branches.Select(b => FactsOf([b]))];
        var marks = Array.ConvertAll(facts, MarksOf);
        for (var one = 0; one < facts.Length; one++)
        {
            for (var two = one + 1; two < facts.Length; two++)
            {
                if ((facts[one].Types & facts[two].Types) != JsonTypes.None && !marks[one].Any(m => marks[two].TryGetValue(m.Key, out var others) && !others.Overlaps(m.Value)))
                {
                    throw part.Wrong(
                        $"a value may be of both oneOf/{one} and oneOf/{two}, and answers cannot be held to exactly one; use 'anyOf', or give each a required property with a 'const' of its own.");
                }
            }
        }
    }

    /// <summary>Properties that every value has, with the only values they may have.</summary>
    private Dictionary<string, HashSet<string>> MarksOf(SchemaFacts facts)
    {
        var marks = new Dictionary<string, HashSet<string>>();
        foreach (var name in facts.Types == JsonTypes.Object ? facts.Required : [])
        {
            if (FactsOf(ObjectRules.PropertyParts(facts, name)).Values is { } values && values.All(v => v.ValueKind == JsonValueKind.String))
                marks.Add(name, [.. values.Select(v => v.GetString()!)]);
        }

        return marks;
    }
}
