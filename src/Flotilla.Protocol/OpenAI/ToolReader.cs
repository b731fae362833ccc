using System.Buffers;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the tools that a chat offers.</summary>
internal static class ToolReader
{
    private static readonly SearchValues<char> NameChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Reads <c>tools</c>.</summary>
    public static void ReadTools(FieldReader fields, JsonElement value, RepeatedField<Tool> tools)
    {
        foreach (var (item, index) in fields.Items(value, "tools", 0, OpenAiLimits.ToolsMax))
        {
            var param = $"tools[{index}]";
            if (!fields.Is(item, JsonValueKind.Object, param, "an object"))
                return;
            if (!FieldReader.TryMember(item, "type", out var type))
                fields.Missing($"{param}.type");
            else if (fields.Text(type, $"{param}.type") != "function")
                fields.Unsupported($"{param}.type", "only function tools are");
            else if (FieldReader.TryMember(item, "function", out var function))
                Add(fields, function, $"{param}.function", tools);
            else
                fields.Missing($"{param}.function");
        }
    }

    /// <summary>Reads <c>functions</c>, the form before tools.</summary>
    public static void ReadFunctions(FieldReader fields, JsonElement value, RepeatedField<Tool> tools)
    {
        foreach (var (item, index) in fields.Items(value, "functions", 0, OpenAiLimits.ToolsMax))
            Add(fields, item, $"functions[{index}]", tools);
    }

    /// <summary>Reads <c>tool_choice</c> or <c>function_call</c>.</summary>
    public static Chat.Types.ToolChoice ReadChoice(FieldReader fields, string param, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            if (value.ValueEquals("auto"u8))
                return Chat.Types.ToolChoice.Auto;
            if (value.ValueEquals("none"u8))
                return Chat.Types.ToolChoice.None;
            if (value.ValueEquals("required"u8))
                fields.Unsupported(param, "a call cannot be enforced yet, so 'auto' and 'none' are");
            else
                fields.Invalid(param, "'auto' or 'none'", value);
        }
        else if (fields.Is(value, JsonValueKind.Object, param, "a string or an object"))
        {
            fields.Unsupported(param, "a call cannot be enforced yet, so 'auto' and 'none' are");
        }

        return Chat.Types.ToolChoice.Auto;
    }

    private static void Add(FieldReader fields, JsonElement function, string param, RepeatedField<Tool> tools)
    {
        if (!fields.Is(function, JsonValueKind.Object, param, "an object"))
            return;
        var tool = new Tool { Parameters = "{}" };
        foreach (var member in function.EnumerateObject().Where(m => FieldReader.Given(m.Value)))
        {
            switch (member.Name)
            {
                case "name": tool.Name = Name(fields, member.Value, $"{param}.name"); break;
                case "description": tool.Description = fields.Text(member.Value, $"{param}.description"); break;
                case "parameters": tool.Parameters = Schema(fields, member.Value, $"{param}.parameters"); break;
                case "strict" when fields.Boolean(member.Value, $"{param}.strict"):
                    fields.Unsupported($"{param}.strict", "arguments cannot be held to their schema yet");
                    break;
            }
        }

        if (tool.Name.Length == 0)
            fields.Missing($"{param}.name");
        if (tools.Any(t => t.Name == tool.Name))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}.name': another tool has this name.", $"{param}.name");
        tools.Add(tool);
    }

    private static string Name(FieldReader fields, JsonElement value, string param)
    {
        var name = fields.Text(value, param, 1, OpenAiLimits.NameCharsMax);
        if (name.AsSpan().ContainsAnyExcept(NameChars))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected letters, digits, '_' and '-'.", param);
        return name;
    }

    private static string Schema(FieldReader fields, JsonElement value, string param)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "a JSON Schema object"))
            return "{}";
        var text = value.GetRawText();
        var bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        if (bytes > OpenAiLimits.SchemaBytesMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.SchemaBytesMax} bytes, got {bytes}.", param);
        if (DepthOf(text) > OpenAiLimits.SchemaDepthMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.SchemaDepthMax} levels of nesting.", param);
        return text;
    }

    private static int DepthOf(string json)
    {
        var depth = 0;
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        while (reader.Read())
            depth = Math.Max(depth, reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0));
        return depth;
    }
}
