using System.Text.Json;
using System.Text.RegularExpressions;

namespace Flotilla.Testing.Api;

/// <summary>The part of JSON Schema that our schema files use.</summary>
/// <remarks>An object whose properties are named has no others unless the schema says so: the document leaves clients room for what is added later, and a test leaves none.</remarks>
public static class SchemaCheck
{
    private static readonly string[] Keywords =
    [
        "$ref", "type", "const", "enum", "anyOf", "required", "properties", "additionalProperties", "maxProperties", "items", "minItems", "maxItems",
        "minimum", "maximum", "minLength", "maxLength", "pattern", "description", "format", "examples",
    ];

    /// <summary>Where and why a value is not what a schema says; null where it is.</summary>
    /// <param name="document">The OpenAPI document, which references are looked up in.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">Where the value stands.</param>
    /// <exception cref="InvalidDataException">The schema has a keyword that would go unchecked.</exception>
    public static string? Fault(JsonElement document, JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.EnumerateObject().FirstOrDefault(member => !Keywords.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw new InvalidDataException($"A schema has the keyword '{unknown.Name}', which nobody checks.");
        if (schema.TryGetProperty("$ref", out var target))
            return Fault(document, Named(document, target.GetString()!.Split('/')[^1]), value, at);
        if (schema.TryGetProperty("anyOf", out var several))
            return Closest([.. several.EnumerateArray().Select(one => Fault(document, one, value, at))]);
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsA(value, name)))
            return $"{at} is {value.ValueKind}, not {type}";
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
            return $"{at} is {value}, not {constant}";
        if (schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return $"{at} is {value}, none of {allowed}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => ObjectFault(document, schema, value, at),
            JsonValueKind.Array => BoundsFault(schema, "Items", value.GetArrayLength(), at) ?? ItemsFault(document, schema, value, at),
            JsonValueKind.String => BoundsFault(schema, "Length", value.GetString()!.Length, at) ?? PatternFault(schema, value.GetString()!, at),
            JsonValueKind.Number => NumberFault(schema, value.GetDouble(), at),
            _ => null,
        };
    }

    /// <summary>The schema of a name.</summary>
    public static JsonElement Named(JsonElement document, string name) => document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    /// <summary>The types that a schema allows.</summary>
    public static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    /// <summary>Whether a value is of a type.</summary>
    public static bool IsA(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => throw new InvalidDataException($"A schema has the type '{type}', which JSON has not."),
    };

    // The alternative that fits furthest down is the one that was meant.
    private static string? Closest(string?[] faults) => faults.Contains(null) ? null : faults.MaxBy(fault => fault!.Split(' ')[0].Length);

    private static string? ObjectFault(JsonElement document, JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out var required) && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
            return $"{at} has no {missing}";
        if (schema.TryGetProperty("maxProperties", out var most) && value.GetPropertyCount() > most.GetInt32())
            return $"{at} has {value.GetPropertyCount()} members, and may have {most}";
        var isNamed = schema.TryGetProperty("properties", out var properties);
        var hasRest = schema.TryGetProperty("additionalProperties", out var rest);
        foreach (var member in value.EnumerateObject())
        {
            string? fault = null;
            if (isNamed && properties.TryGetProperty(member.Name, out var own))
                fault = Fault(document, own, member.Value, $"{at}.{member.Name}");
            else if (hasRest && rest.ValueKind == JsonValueKind.Object)
                fault = Fault(document, rest, member.Value, $"{at}.{member.Name}");
            else if (hasRest ? rest.ValueKind == JsonValueKind.False : isNamed)
                fault = $"{at}.{member.Name} is in no schema";
            if (fault is not null)
                return fault;
        }

        return null;
    }

    private static string? ItemsFault(JsonElement document, JsonElement schema, JsonElement value, string at) => schema.TryGetProperty("items", out var items)
        ? value.EnumerateArray().Select((item, i) => Fault(document, items, item, $"{at}[{i}]")).FirstOrDefault(fault => fault is not null)
        : null;

    private static string? BoundsFault(JsonElement schema, string what, int count, string at) =>
        (schema.TryGetProperty("min" + what, out var min) && count < min.GetInt32()) || (schema.TryGetProperty("max" + what, out var max) && count > max.GetInt32())
            ? $"{at} has a length of {count}, which its schema forbids"
            : null;

    private static string? PatternFault(JsonElement schema, string text, string at) =>
        schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant) ? $"{at} is not of the form {pattern}" : null;

    private static string? NumberFault(JsonElement schema, double number, string at) =>
        (schema.TryGetProperty("minimum", out var min) && number < min.GetDouble()) || (schema.TryGetProperty("maximum", out var max) && number > max.GetDouble())
            ? $"{at} is {number}, beyond the bounds of its schema"
            : null;
}
