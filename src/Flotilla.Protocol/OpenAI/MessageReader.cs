using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads a chat's messages; what is left of each is role, text, tool calls and the answers to them.</summary>
internal sealed class MessageReader(FieldReader fields, RepeatedField<Message> messages)
{
    private readonly PartReader _parts = new(fields);
    private string _lastFunctionCallId = "";

    /// <summary>Reads <c>messages</c>.</summary>
    public void Read(JsonElement value)
    {
        foreach (var (item, index) in fields.Items(value, "messages", 1, OpenAiLimits.MessagesMax))
        {
            if (fields.Is(item, JsonValueKind.Object, $"messages[{index}]", "an object"))
                messages.Add(ReadMessage(item, $"messages[{index}]", index));
        }
    }

    private Message ReadMessage(JsonElement item, string param, int index)
    {
        var message = new Message();
        if (!FieldReader.TryMember(item, "role", out var role))
        {
            fields.Missing($"{param}.role");
            return message;
        }

        message.Role = fields.Text(role, $"{param}.role");
        if (message.Role is not ("system" or "developer" or "user" or "assistant" or "tool" or "function"))
            fields.Invalid($"{param}.role", "'system', 'developer', 'user', 'assistant' or 'tool'", role);
        if (FieldReader.TryMember(item, "content", out var content))
            ReadContent(content, $"{param}.content", message);
        if (FieldReader.TryMember(item, "name", out var name))
            message.Name = fields.Text(name, $"{param}.name", 0, OpenAiLimits.NameCharsMax);
        if (FieldReader.TryMember(item, "audio", out _))
            fields.Unsupported($"{param}.audio");
        switch (message.Role)
        {
            case "assistant": ReadAssistant(item, param, index, message); break;
            case "tool": ReadToolAnswer(item, param, message); break;
            case "function": TranslateFunctionAnswer(param, message); break;
        }

        // An assistant that calls a tool may say nothing beside it.
        if (!message.HasContent && message.ToolCalls.Count == 0 && message.Parts.Count == 0)
            fields.Missing($"{param}.content");
        return message;
    }

    private void ReadContent(JsonElement content, string param, Message message)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            message.Content = content.GetString()!;
            return;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            fields.Is(content, JsonValueKind.Array, param, "a string or an array of parts");
            return;
        }

        var parts = fields.Items(content, param, 1, OpenAiLimits.PartsMax).Select(p => ReadPart(p.Value, $"{param}[{p.Index}]", message.Role)).ToList();
        // The parts are pieces of one message; templates take one text, and servers join with a line end.
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
        if (kind is not ("text" or "refusal" or "image_url" or "input_audio" or "file"))
        {
            fields.Invalid($"{param}.type", "'text', 'image_url', 'input_audio' or 'file'", type);
            return none;
        }

        if (!FieldReader.TryMember(part, kind, out var inner))
        {
            fields.Missing($"{param}.{kind}");
            return none;
        }

        if (kind is "text" or "refusal")
            return new ContentPart { Text = fields.Text(inner, $"{param}.{kind}") };
        if (role != "user")
        {
            fields.Unsupported(param, "only text parts are, in messages that are not the user's");
            return none;
        }

        return kind switch
        {
            "image_url" => ReadImage(inner, $"{param}.image_url"),
            "input_audio" => _parts.Audio(inner, $"{param}.input_audio"),
            _ => _parts.File(inner, $"{param}.file"),
        };
    }

    private ContentPart ReadImage(JsonElement image, string param)
    {
        if (!fields.Is(image, JsonValueKind.Object, param, "an object"))
            return new ContentPart { Text = "" };
        var detail = FieldReader.TryMember(image, "detail", out var given) ? fields.Text(given, $"{param}.detail") : "";
        if (FieldReader.TryMember(image, "url", out var url))
            return _parts.Image(fields.Text(url, $"{param}.url"), $"{param}.url", detail);
        fields.Missing($"{param}.url");
        return new ContentPart { Text = "" };
    }

    // What an earlier answer held beside text and calls (reasoning_content, annotations) is no part of a prompt.
    private void ReadAssistant(JsonElement item, string param, int index, Message message)
    {
        if (!message.HasContent && FieldReader.TryMember(item, "refusal", out var refusal))
            message.Content = fields.Text(refusal, $"{param}.refusal");
        if (FieldReader.TryMember(item, "tool_calls", out var calls))
        {
            foreach (var (call, i) in fields.Items(calls, $"{param}.tool_calls", 0, OpenAiLimits.ToolsMax))
                ReadCall(call, $"{param}.tool_calls[{i}]", message);
        }

        if (!FieldReader.TryMember(item, "function_call", out var function))
            return;
        // The form before tools has no ids; the answer that follows belongs to the last call.
        _lastFunctionCallId = $"call_{index}";
        ReadFunction(function, $"{param}.function_call", _lastFunctionCallId, message);
    }

    private void ReadCall(JsonElement call, string param, Message message)
    {
        if (!fields.Is(call, JsonValueKind.Object, param, "an object"))
            return;
        if (FieldReader.TryMember(call, "type", out var type) && fields.Text(type, $"{param}.type") != "function")
            fields.Unsupported($"{param}.type", "only function calls are");
        var id = "";
        if (FieldReader.TryMember(call, "id", out var given))
            id = fields.Text(given, $"{param}.id", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.id");
        if (FieldReader.TryMember(call, "function", out var function))
            ReadFunction(function, $"{param}.function", id, message);
        else
            fields.Missing($"{param}.function");
    }

    private void ReadFunction(JsonElement function, string param, string id, Message message)
    {
        if (!fields.Is(function, JsonValueKind.Object, param, "an object"))
            return;
        var call = new ToolCall { Id = id };
        if (FieldReader.TryMember(function, "name", out var name))
            call.Name = fields.Text(name, $"{param}.name", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.name");
        if (FieldReader.TryMember(function, "arguments", out var arguments))
            call.Arguments = fields.Text(arguments, $"{param}.arguments");
        else
            fields.Missing($"{param}.arguments");
        message.ToolCalls.Add(call);
    }

    private void ReadToolAnswer(JsonElement item, string param, Message message)
    {
        if (FieldReader.TryMember(item, "tool_call_id", out var id))
            message.ToolCallId = fields.Text(id, $"{param}.tool_call_id", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.tool_call_id");
    }

    private void TranslateFunctionAnswer(string param, Message message)
    {
        message.Role = "tool";
        message.ToolCallId = _lastFunctionCallId;
        if (message.Name.Length == 0)
            fields.Missing($"{param}.name");
        if (_lastFunctionCallId.Length == 0)
            fields.Fail(ApiErrorCode.InvalidRequest, $"'{param}' answers a function call, and no message before it makes one.", param);
    }
}
