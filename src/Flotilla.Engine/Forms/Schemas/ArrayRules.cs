using System.Text.Json;
using Flotilla.Engine.Forms.Grammars;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>Arrays, of as many items as the schema says.</summary>
internal sealed class ArrayRules(GrammarBuilder grammar, JsonRules json, SchemaCompiler schemas)
{
    /// <summary>An array as the facts say.</summary>
    public int Entry(SchemaFacts facts)
    {
        // From item `last` on all are alike, or there are no more.
        var last = facts.ItemsMax ?? Math.Max(facts.ItemsMin, facts.Parts.Max(Prefixes));
        var close = grammar.Text("]", Grammar.Return);
        var end = json.Space(close);
        var rest = facts.ItemsMax is null ? grammar.Loop(next => json.Space(json.Comma(Item(facts, last, next))), end) : end;
        for (var count = last - 1; count > 0; count--)
        {
            var more = json.Space(json.Comma(Item(facts, count, rest)));
            rest = count >= facts.ItemsMin ? grammar.Either(more, end) : more;
        }

        if (facts.ItemsMax < facts.ItemsMin)
            return grammar.Either();
        var first = facts.ItemsMax == 0 ? grammar.Either() : Item(facts, 0, rest);
        return grammar.Text("[", json.Space(facts.ItemsMin == 0 ? grammar.Either(close, first) : first));
    }

    private int Item(SchemaFacts facts, int index, int next)
    {
        var parts = new List<SchemaPart>();
        foreach (var part in facts.Parts)
        {
            if (index < Prefixes(part))
                parts.Add(part.Below($"prefixItems/{index}", part.Schema.GetProperty("prefixItems")[index]));
            else if (part.TryGet("items", out var items))
                parts.Add(part.Below("items", items));
        }

        return schemas.Value(parts, next);
    }

    private static int Prefixes(SchemaPart part)
    {
        if (!part.TryGet("prefixItems", out var list))
            return 0;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > TextLimits.FormCountMax)
            throw part.Wrong($"'prefixItems' must be a list of at most {TextLimits.FormCountMax} schemas.");
        return list.GetArrayLength();
    }
}
