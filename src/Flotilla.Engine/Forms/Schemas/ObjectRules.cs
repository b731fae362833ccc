using System.Text.Json;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Chat.Python;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Objects: the properties in the order in which the schema names them, then others where it allows them.</summary>
internal sealed class ObjectRules(GrammarBuilder grammar, JsonRules json, SchemaCompiler schemas)
{
    private readonly TaggedArguments _tagged = new(grammar, schemas);

    /// <summary>An object as the facts say, written in a way.</summary>
    public int Entry(SchemaFacts facts, ObjectStyle style)
    {
        var names = Names(facts);
        var extra = Extra(facts, names, style);
        var close = grammar.Text(style switch { ObjectStyle.Json => "}", ObjectStyle.Tags => TaggedCall.Close, _ => $"{Notation(style).Close}" }, Grammar.Return);
        var end = json.Space(close);
        var rest = extra is null ? end : grammar.Loop(next => Between(extra(next)), end);
        var first = extra is null ? close : grammar.Either(close, extra(rest));
        for (var index = names.Count - 1; index >= 0; index--)
        {
            // A property after another one and at the beginning; both go on with what may follow it.
            var begun = Member(facts, names[index], style, rest);
            var more = Between(begun);
            var isRequired = facts.Required.Contains(names[index]);
            (rest, first) = isRequired ? (more, begun) : (grammar.Either(more, rest), grammar.Either(begun, first));
        }

        return style == ObjectStyle.Json ? grammar.Text("{", json.Space(first)) : json.Space(first);

        int Between(int next) => json.Space(style == ObjectStyle.Tags ? next : json.Comma(next));
    }

    /// <summary>The schemas for a property's value.</summary>
    public static IReadOnlyList<SchemaPart> PropertyParts(SchemaFacts facts, string name)
    {
        var parts = new List<SchemaPart>();
        foreach (var part in facts.Parts)
        {
            if (part.TryGet("properties", out var properties) && properties.TryGetProperty(name, out var schema))
                parts.Add(part.Below("properties", name, schema));
            else if (part.TryGet("additionalProperties", out var others))
                parts.Add(part.Below("additionalProperties", others));
        }

        return parts;
    }

    private int Member(SchemaFacts facts, string name, ObjectStyle style, int next)
    {
        var parts = PropertyParts(facts, name);
        if (style == ObjectStyle.Tags)
            return _tagged.Member(name, parts, schemas.IsTextArgument(name), next);
        if (style == ObjectStyle.Json)
            return grammar.Text(SchemaCompiler.Quoted(name), json.Colon(schemas.Value(parts, next)));
        return PythonCallParser.IsName(name)
            ? grammar.Text($"{name}{Notation(style).Assign}", Value(parts, style, next))
            : throw facts.Parts[0].Wrong($"the model writes calls otherwise than as JSON, where no argument can be called '{name}'.");
    }

    private static CallNotation Notation(ObjectStyle style) => style == ObjectStyle.Escaped ? CallNotation.FunctionGemma : CallNotation.Python;

    /// <summary>An argument's value: a text between tags where the style has such and nothing but a list limits it, else JSON.</summary>
    private int Value(IReadOnlyList<SchemaPart> parts, ObjectStyle style, int next)
    {
        var tag = Notation(style).TextTag;
        if (tag.Length == 0 || schemas.FactsOf(parts) is not { Pattern: null, Format: null, LengthMin: 0, LengthMax: null } facts
            || !facts.Types.HasFlag(JsonTypes.String) || facts.Parts.Any(p => p.TryGet("anyOf", out _) || p.TryGet("oneOf", out _)))
        {
            return schemas.Value(parts, next);
        }

        var texts = facts.Values?.Where(v => SchemaFacts.TypeOf(v) == JsonTypes.String).Select(v => v.GetString()!).ToArray();
        if (texts?.Any(t => t.Contains(tag, StringComparison.Ordinal)) ?? false)
            return schemas.Value(parts, next);
        var tagged = texts is null ? json.Tagged(tag, next) : grammar.Either([.. texts.Select(t => grammar.Text($"{tag}{t}{tag}", next))]);
        var isText = facts.Types == JsonTypes.String || (texts is not null && texts.Length == facts.Values!.Count);
        return isText ? tagged : grammar.Either(schemas.Value(parts, next), tagged);
    }

    /// <summary>All names that the schemas name, those required without a schema at the end.</summary>
    private static List<string> Names(SchemaFacts facts)
    {
        var names = new List<string>();
        foreach (var part in facts.Parts)
        {
            if (part.TryGet("properties", out var properties))
                names.AddRange(properties.EnumerateObject().Select(p => p.Name));
        }

        return [.. names.Concat(facts.Required).Distinct()];
    }

    /// <summary>
    /// A property that the schemas do not name; null where there shall be none. Where they name some and are silent about others,
    /// there shall be none: a model that may add what nobody asked for does.
    /// </summary>
    private Func<int, int>? Extra(SchemaFacts facts, List<string> names, ObjectStyle style)
    {
        var stated = facts.Parts.Where(p => p.TryGet("additionalProperties", out _)).ToArray();
        if (stated.Length == 0 && names.Count > 0)
            return null;
        SchemaPart[] parts = [.. stated.Select(p => p.Below("additionalProperties", p.Schema.GetProperty("additionalProperties")))];
        if (parts.Any(p => p.Schema.ValueKind == JsonValueKind.False))
            return null;
        var name = new OtherNames(grammar, json, style).RuleFor(names);
        if (style == ObjectStyle.Tags)
        {
            return parts.All(p => p.Schema.ValueKind == JsonValueKind.True)
                ? next => TaggedArguments.Free(grammar, after => grammar.Call(name, after), next)
                : throw parts[0].Wrong("the model writes calls in tags, where arguments without a name in the schema can be held to nothing.");
        }

        return next => style == ObjectStyle.Json
            ? grammar.Call(name, json.Colon(schemas.Value(parts, next)))
            : grammar.Call(name, grammar.Text($"{Notation(style).Assign}", Value(parts, style, next)));
    }
}
