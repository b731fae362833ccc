using System.Collections.Frozen;
using System.Text.Json;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>
/// Which arguments of a tool are texts, by its schema: between tags they stand as they are, all others as JSON. The grammar and the
/// reader go by the same, so where a schema says it in roundabout ways, both take JSON.
/// </summary>
internal static class TextArguments
{
    /// <summary>Their names; none where the schema is no JSON.</summary>
    public static FrozenSet<string> Of(string schema)
    {
        try
        {
            using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = TextLimits.SchemaDepthMax });
            return Of(document.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Nothing is held to such a schema either.
            return FrozenSet<string>.Empty;
        }
    }

    /// <summary>Their names.</summary>
    /// <exception cref="InvalidOperationException">A text of the schema has half a surrogate pair.</exception>
    public static FrozenSet<string> Of(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject().Where(p => IsText(p.Value)).Select(p => p.Name).ToFrozenSet()
            : FrozenSet<string>.Empty;

    private static bool IsText(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return false;
        if (schema.TryGetProperty("type", out var type))
            return type.ValueKind == JsonValueKind.String && type.ValueEquals("string"u8);
        if (schema.TryGetProperty("const", out var only))
            return only.ValueKind == JsonValueKind.String;
        return schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String);
    }
}
