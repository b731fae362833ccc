using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the JSON Schemas that a client gives, and the names beside them.</summary>
internal static class SchemaText
{
    private static readonly SearchValues<char> NameChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>A tool's or schema's name.</summary>
    public static string Name(FieldReader fields, JsonElement value, string param, int charsMax = OpenAiLimits.NameCharsMax)
    {
        var name = fields.Text(value, param, 1, charsMax);
        if (name.AsSpan().ContainsAnyExcept(NameChars))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected letters, digits, '_' and '-'.", param);
        return name;
    }

    /// <summary>A schema as its text, within the bounds; nothing looks into it here.</summary>
    public static string Read(FieldReader fields, JsonElement value, string param)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "a JSON Schema object"))
            return "{}";
        var text = value.GetRawText();
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > OpenAiLimits.SchemaBytesMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.SchemaBytesMax} bytes, got {bytes}.", param);
        if (DepthOf(text) > OpenAiLimits.SchemaDepthMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.SchemaDepthMax} levels of nesting.", param);
        return text;
    }

    private static int DepthOf(string json)
    {
        var depth = 0;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        while (reader.Read())
            depth = Math.Max(depth, reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0));
        return depth;
    }
}
