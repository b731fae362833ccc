using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the form that an answer must have: <c>response_format</c> of a chat, <c>text.format</c> of a response.</summary>
internal static class ResponseFormatReader
{
    /// <summary>Reads the object; a schema stands in it under <paramref name="wrapper"/>, or beside its type where that is null.</summary>
    /// <returns>The form; null for plain text.</returns>
    public static ResponseFormat? Read(FieldReader fields, JsonElement value, string param, string? wrapper)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return null;
        if (!FieldReader.TryMember(value, "type", out var type))
        {
            fields.Missing($"{param}.type");
            return null;
        }

        switch (fields.Text(type, $"{param}.type"))
        {
            case "text":
                return null;
            case "json_object":
                fields.Need(Capability.JsonObject, param);
                return new ResponseFormat { Kind = ResponseFormat.Types.Kind.JsonObject };
            case "json_schema" when wrapper is null:
                return Schema(fields, value, param, param);
            case "json_schema" when FieldReader.TryMember(value, wrapper, out var inner):
                return Schema(fields, inner, $"{param}.{wrapper}", param);
            case "json_schema":
                fields.Missing($"{param}.{wrapper}");
                return null;
            default:
                fields.Invalid($"{param}.type", "'text', 'json_object' or 'json_schema'", type);
                return null;
        }
    }

    private static ResponseFormat Schema(FieldReader fields, JsonElement value, string param, string whole)
    {
        var format = new ResponseFormat { Kind = ResponseFormat.Types.Kind.JsonSchema };
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return format;
        if (FieldReader.TryMember(value, "name", out var name))
            format.Name = SchemaText.Name(fields, name, $"{param}.name");
        else
            fields.Missing($"{param}.name");
        if (FieldReader.TryMember(value, "description", out var description))
            format.Description = fields.Text(description, $"{param}.description");
        if (FieldReader.TryMember(value, "schema", out var schema))
            format.Schema = SchemaText.Read(fields, schema, $"{param}.schema");
        if (FieldReader.TryMember(value, "strict", out var strict))
            format.Strict = fields.Boolean(strict, $"{param}.strict");
        // A schema that need not be kept to is a wish, and any JSON object comes near it; one that must be is a promise.
        fields.Need(Capability.StructuredOutputs, whole, format.Strict ? null : Capability.JsonObject);
        return format;
    }
}
