using System.Globalization;
using System.Text.Json;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>A whole schema, in which references are looked up.</summary>
internal sealed class SchemaScope(JsonElement root)
{
    /// <summary>The whole.</summary>
    public SchemaPart Root { get; } = new("#", root);

    /// <summary>All schemas that hold where the given ones do: what they refer to and what <c>allOf</c> lists, to the end.</summary>
    /// <param name="parts">Schemas whose references have not been followed.</param>
    /// <param name="known">Schemas that hold besides and whose references have been.</param>
    /// <exception cref="FormException">A reference leads nowhere or back to itself, or there are too many.</exception>
    public IReadOnlyList<SchemaPart> Flatten(IEnumerable<SchemaPart> parts, params IReadOnlyList<SchemaPart> known)
    {
        var flat = new List<SchemaPart>(known);
        var pointers = known.Select(p => p.Pointer).ToHashSet();
        var open = new Stack<SchemaPart>(parts.Reverse());
        while (open.TryPop(out var part))
        {
            RefuseCircle(part);
            if (!pointers.Add(part.Pointer))
                continue;
            if (flat.Count == TextLimits.SchemaPartsMax)
                throw part.Wrong($"more than {TextLimits.SchemaPartsMax} schemas hold at one place (through '$ref' and 'allOf').");
            flat.Add(part);
            if (part.TryGet("allOf", out var all))
            {
                foreach (var branch in Branches(part, "allOf", all).Reverse())
                    open.Push(branch);
            }

            if (part.TryGet("$ref", out var reference))
                open.Push(Find(part, reference));
        }

        return flat;
    }

    /// <summary>The schemas in a keyword's list, which hold, or one of which holds, where the part does.</summary>
    public static IReadOnlyList<SchemaPart> Branches(SchemaPart part, string keyword, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select((schema, index) => part.Below($"{keyword}/{index}", schema) with { From = part })]
            : throw part.Wrong($"'{keyword}' must be a list of schemas that is not empty.");

    private static void RefuseCircle(SchemaPart part)
    {
        for (var from = part.From; from is not null; from = from.From)
        {
            if (from.Pointer == part.Pointer)
                throw part.Wrong("refers to itself without anything in between, so no value could ever be complete.");
        }
    }

    private SchemaPart Find(SchemaPart part, JsonElement reference)
    {
        var text = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : "";
        if (text != "#" && !text.StartsWith("#/", StringComparison.Ordinal))
            throw part.Wrong($"'$ref' must point into the schema itself ('#/$defs/…'), not to '{Shortened(text)}'.");
        var at = Root.Schema;
        var steps = text.Split('/').Select(Uri.UnescapeDataString).ToArray();
        foreach (var step in steps.Skip(1))
        {
            if (!Enter(ref at, step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
                throw part.Wrong($"'$ref' points to '{Shortened(text)}', where nothing is.");
        }

        return new SchemaPart(string.Join('/', steps), at, From: part);
    }

    private static bool Enter(ref JsonElement at, string name)
    {
        if (at.ValueKind == JsonValueKind.Object)
            return at.TryGetProperty(name, out at);
        if (at.ValueKind != JsonValueKind.Array || !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= at.GetArrayLength())
            return false;
        at = at[index];
        return true;
    }

    private static string Shortened(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
