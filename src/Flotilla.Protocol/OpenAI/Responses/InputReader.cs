using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>Reads <c>input</c>: a text, or items, of which the calls that follow one another are one message of the assistant's.</summary>
internal sealed class InputReader(FieldReader fields, RepeatedField<Message> messages)
{
    private readonly PartReader _parts = new(fields);
    private readonly List<ItemReference> _references = [];

    /// <summary>Items that are named alone; what they say is no message yet.</summary>
    public IReadOnlyList<ItemReference> References => _references;

    /// <summary>Reads the value.</summary>
    public void Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            messages.Add(new Message { Role = "user", Content = value.GetString()! });
            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            fields.Is(value, JsonValueKind.Array, "input", "a string or an array of items");
            return;
        }

        foreach (var (item, index) in fields.Items(value, "input", 1, OpenAiLimits.MessagesMax))
        {
            if (!fields.Is(item, JsonValueKind.Object, $"input[{index}]", "an object"))
                return;
            if (IsReference(item))
                _references.Add(new ItemReference(index, Required(item, "id", $"input[{index}]", OpenAiLimits.NameCharsMax)));
            else
                ReadItem(item, $"input[{index}]");
        }
    }

    // An item of an id alone is one, too.
    private static bool IsReference(JsonElement item) => FieldReader.TryMember(item, "type", out var type)
        ? type.ValueKind == JsonValueKind.String && type.ValueEquals("item_reference"u8)
        : FieldReader.TryMember(item, "id", out _) && !FieldReader.TryMember(item, "role", out _) && !FieldReader.TryMember(item, "content", out _);

    private void ReadItem(JsonElement item, string param)
    {
        switch (FieldReader.TryMember(item, "type", out var type) ? fields.Text(type, $"{param}.type") : "message")
        {
            case "message": ReadMessage(item, param); break;
            case "function_call": ReadCall(item, param); break;
            case "function_call_output": ReadResult(item, param); break;
            // What an earlier answer thought is no part of a prompt.
            case "reasoning": break;
            default: fields.Unsupported($"{param}.type", "messages, function_call, function_call_output, reasoning and item_reference are"); break;
        }
    }

    private void ReadMessage(JsonElement item, string param)
    {
        var message = new Message();
        if (!FieldReader.TryMember(item, "role", out var role))
            fields.Missing($"{param}.role");
        else if ((message.Role = fields.Text(role, $"{param}.role")) is not ("user" or "assistant" or "system" or "developer"))
            fields.Invalid($"{param}.role", "'user', 'assistant', 'system' or 'developer'", role);
        if (!FieldReader.TryMember(item, "content", out var content))
            fields.Missing($"{param}.content");
        else if (content.ValueKind == JsonValueKind.String)
            message.Content = content.GetString()!;
        else
            ReadParts(content, $"{param}.content", message);
        messages.Add(message);
    }

    private void ReadParts(JsonElement content, string param, Message message)
    {
        if (!fields.Is(content, JsonValueKind.Array, param, "a string or an array of parts"))
            return;
        var parts = fields.Items(content, param, 0, OpenAiLimits.PartsMax).Select(p => ReadPart(p.Value, $"{param}[{p.Index}]", message.Role)).ToList();
        if (parts.TrueForAll(p => p.BodyCase == ContentPart.BodyOneofCase.Text))
            message.Content = string.Join('\n', parts.Select(p => p.Text));
        else
            message.Parts.AddRange(parts);
    }

    private ContentPart ReadPart(JsonElement part, string param, string role)
    {
        var none = new ContentPart { Text = "" };
        if (!fields.Is(part, JsonValueKind.Object, param, "an object"))
            return none;
        if (!FieldReader.TryMember(part, "type", out var type))
        {
            fields.Missing($"{param}.type");
            return none;
        }

        var kind = fields.Text(type, $"{param}.type");
        switch (kind)
        {
            case "input_text" or "output_text" or "text": return new ContentPart { Text = Required(part, "text", param) };
            case "refusal": return new ContentPart { Text = Required(part, "refusal", param) };
            case "input_image" or "input_file" or "input_audio" when role != "user":
                fields.Unsupported(param, "only text parts are, in messages that are not the user's");
                return none;
            case "input_image": return Image(part, param);
            case "input_file": return _parts.File(part, param);
            case "input_audio" when FieldReader.TryMember(part, "input_audio", out var audio): return _parts.Audio(audio, $"{param}.input_audio");
            case "input_audio":
                fields.Missing($"{param}.input_audio");
                return none;
            default:
                fields.Invalid($"{param}.type", "'input_text', 'input_image', 'input_file', 'input_audio', 'output_text' or 'refusal'", type);
                return none;
        }
    }

    private ContentPart Image(JsonElement part, string param)
    {
        if (FieldReader.TryMember(part, "file_id", out _))
            fields.Unsupported($"{param}.file_id", "send the bytes as 'image_url'");
        var detail = FieldReader.TryMember(part, "detail", out var given) ? fields.Text(given, $"{param}.detail") : "";
        return _parts.Image(Required(part, "image_url", param), $"{param}.image_url", detail);
    }

    private void ReadCall(JsonElement item, string param)
    {
        var call = new ToolCall
        {
            Id = Required(item, "call_id", param, OpenAiLimits.CalledNameCharsMax),
            Name = Required(item, "name", param, OpenAiLimits.CalledNameCharsMax),
            Arguments = Required(item, "arguments", param),
        };
        if (FieldReader.TryMember(item, "namespace", out var space))
            call.Name = new ToolNamespace(fields.Text(space, $"{param}.namespace", 1, OpenAiLimits.CalledNameCharsMax), call.Name).Joined;
        if (messages.Count == 0 || messages[^1].Role != "assistant")
            messages.Add(new Message { Role = "assistant" });
        if (messages[^1].ToolCalls.Count == OpenAiLimits.ToolsMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.ToolsMax} calls one after another.", param);
        messages[^1].ToolCalls.Add(call);
    }

    private void ReadResult(JsonElement item, string param)
    {
        var message = new Message { Role = "tool", ToolCallId = Required(item, "call_id", param, OpenAiLimits.CalledNameCharsMax) };
        if (!FieldReader.TryMember(item, "output", out var output))
            fields.Missing($"{param}.output");
        else if (output.ValueKind == JsonValueKind.String)
            message.Content = output.GetString()!;
        else
            ReadParts(output, $"{param}.output", message);
        messages.Add(message);
    }

    private string Required(JsonElement value, string name, string param, int charsMax = int.MaxValue)
    {
        if (FieldReader.TryMember(value, name, out var member))
            return charsMax == int.MaxValue ? fields.Text(member, $"{param}.{name}") : fields.Text(member, $"{param}.{name}", 1, charsMax);
        fields.Missing($"{param}.{name}");
        return "";
    }
}
