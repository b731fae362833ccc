using System.Text.Json;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>Reads the blocks that messages are made of.</summary>
internal static class Blocks
{
    /// <summary>The block's type; empty after a fault.</summary>
    public static string TypeOf(FieldReader fields, JsonElement block, string param)
    {
        if (!fields.Is(block, JsonValueKind.Object, param, "an object"))
            return "";
        if (FieldReader.TryMember(block, "type", out var type))
            return fields.Text(type, $"{param}.type");
        fields.Missing($"{param}.type");
        return "";
    }

    /// <summary>The text of a block that must be one of text.</summary>
    public static string TextOf(FieldReader fields, JsonElement block, string param)
    {
        var type = TypeOf(fields, block, param);
        if (type == "text")
            return Text(fields, block, "text", param);
        if (type.Length > 0)
            fields.Fail(ApiErrorCode.UnsupportedField, $"'{param}' is a block that is not served here: only text blocks are, in this place.", param);
        return "";
    }

    /// <summary>A member that must be there and a text.</summary>
    public static string Text(FieldReader fields, JsonElement block, string name, string param)
    {
        if (FieldReader.TryMember(block, name, out var value))
            return fields.Text(value, $"{param}.{name}");
        fields.Missing($"{param}.{name}");
        return "";
    }
}
