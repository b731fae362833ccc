using System.Globalization;

namespace Flotilla.Engine.Tests.Fuzz;

/// <summary>Writes JSON Schemas at random: mostly well-formed, seldom sensible.</summary>
internal static class SchemaWriter
{
    private static readonly string[] s_names = ["a", "b", "x y", "é", "", "$ref", "a/b", "~", "type", "\\\\", "\\\"", "n\\u0000"];
    private static readonly string[] s_types = ["string", "integer", "number", "boolean", "null", "object", "array", "strnig"];
    private static readonly string[] s_formats = ["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri", "isbn"];
    private static readonly string[] s_pointers = ["#", "#/", "#/$defs/a", "#/$defs/b", "#/properties/a", "#/items", "#/anyOf/0", "#/$defs/a/properties/b", "#/%24defs/a", "#/~1", "https://example.org/x", "a"];

    private static readonly string[] s_numbers =
    [
        "0", "1", "-1", "2", "3.5", "-0.0", "1000", "1001", "18446744073709551615", "18446744073709551616", "-9223372036854775809", "999999999999999", "1e308", "1e400", "-1e400", "1e-400",
        "0.1", "1.0000000000000000000000001", "123456789012345678901234567890",
    ];

    /// <summary>A schema.</summary>
    public static string Write(Random random, int depth = 0)
    {
        if (depth > 6 || random.Next(8) == 0)
            return One(random, ["{}", "true", "false", """{"type":"string"}""", """{"type":"integer"}"""]);
        var keywords = new List<string>();
        for (var count = 1 + random.Next(4); count > 0; count--)
            keywords.Add(Keyword(random, depth + 1));
        return "{" + string.Join(',', keywords) + "}";
    }

    private static string Keyword(Random random, int depth) => random.Next(15) switch
    {
        0 => $"\"type\":\"{One(random, s_types)}\"",
        1 => $"\"type\":[\"{One(random, s_types)}\",\"{One(random, s_types)}\"]",
        2 => $"\"{One(random, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])}\":{One(random, s_numbers)}",
        3 => $"\"{One(random, ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"])}\":{One(random, s_numbers)}",
        4 => $"\"pattern\":{System.Text.Json.JsonSerializer.Serialize(Words(random))}",
        5 => $"\"format\":\"{One(random, s_formats)}\"",
        6 => $"\"{One(random, ["properties", "$defs", "patternProperties"])}\":{{{List(random, () => $"\"{One(random, s_names)}\":{Write(random, depth)}")}}}",
        7 => $"\"required\":[{List(random, () => $"\"{One(random, s_names)}\"")}]",
        8 => $"\"{One(random, ["items", "additionalProperties", "not", "contains"])}\":{Write(random, depth)}",
        9 => $"\"prefixItems\":[{List(random, () => Write(random, depth))}]",
        10 or 11 => $"\"{One(random, ["anyOf", "allOf", "oneOf"])}\":[{List(random, () => Write(random, depth))}]",
        12 => $"\"$ref\":\"{One(random, s_pointers)}\"",
        13 => $"\"enum\":[{List(random, () => Value(random, 0))}]",
        _ => $"\"const\":{Value(random, 0)}",
    };

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 4 : 6) switch
    {
        0 => One(random, s_numbers),
        1 => $"\"{One(random, s_names)}\"",
        2 => "null",
        3 => "true",
        4 => $"[{List(random, () => Value(random, depth + 1))}]",
        _ => $"{{{List(random, () => $"\"{One(random, s_names)}\":{Value(random, depth + 1)}")}}}",
    };

    private static string Words(Random random) => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => One(random, PatternWords)));

    /// <summary>What patterns are made of.</summary>
    public static IReadOnlyList<string> PatternWords { get; } =
    [
        "(", ")", "(?:", "(?<n>", "(?=", "(?!", "[", "]", "[^", "-", "^", "$", "*", "+", "?", "*?", "{2}", "{0,1000}", "{1000}", "{1001}", "{,", "{3,2}", "{99999999999999999999}", "|", ".", "\\",
        "\\d", "\\w", "\\S", "\\b", "\\1", "\\p{L}", "\\u{1F600}", "\\u{FFFFFFFF}", "\\ud83d", "\\x4", "\\cA", "a", "b", "z-a", "é", "😀", "\ud83d", "\0", "\"", "/",
    ];

    private static string List(Random random, Func<string> item) => string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => item()));

    private static string One(Random random, IReadOnlyList<string> from) => from[random.Next(from.Count)].ToString(CultureInfo.InvariantCulture);
}
