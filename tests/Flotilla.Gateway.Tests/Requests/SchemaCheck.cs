using System.Text.Json;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>The part of JSON Schema that our schema file uses: type, const, enum, required, properties, items, references.</summary>
internal static class SchemaCheck
{
    /// <summary>Where and why a value is not what a schema of the document says; null where it is.</summary>
    public static string? Fault(JsonElement document, string schema, JsonElement value) =>
        Fault(document, document.GetProperty("components").GetProperty("schemas").GetProperty(schema), value, "$");

    private static string? Fault(JsonElement document, JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var target))
            return Fault(document, document.GetProperty("components").GetProperty("schemas").GetProperty(target.GetString()!.Split('/')[^1]), value, at);
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsA(value, name)))
            return $"{at} is {value.ValueKind}, not {type}";
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
            return $"{at} is {value}, not {constant}";
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return $"{at} is {value}, none of {allowed}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => ObjectFault(document, schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().Select((item, i) => Fault(document, items, item, $"{at}[{i}]")).FirstOrDefault(fault => fault is not null),
            _ => null,
        };
    }

    private static string? ObjectFault(JsonElement document, JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out var required) && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
            return $"{at} has no {missing}";
        return schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Where(p => value.TryGetProperty(p.Name, out _)).Select(p => Fault(document, p.Value, value.GetProperty(p.Name), $"{at}.{p.Name}")).FirstOrDefault(fault => fault is not null)
            : null;
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool IsA(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => value.ValueKind == JsonValueKind.Number,
    };
}
