using System.Text.Json;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf.Collections;

namespace Flotilla.Protocol.Anthropic;

/// <summary>Reads <c>messages</c>. One message of Anthropic's can be several of the link's: each tool's result is one of its own there.</summary>
internal sealed class ConversationReader(FieldReader fields, RepeatedField<Message> messages)
{
    private readonly PartReader _media = new(fields);

    /// <summary>Reads the array.</summary>
    public void Read(JsonElement value)
    {
        foreach (var (item, index) in fields.Items(value, "messages", 1, OpenAiLimits.MessagesMax))
        {
            var param = $"messages[{index}]";
            if (fields.Is(item, JsonValueKind.Object, param, "an object"))
                ReadMessage(item, param);
        }

        if (fields.Error is null && messages[^1].Role == "assistant")
            fields.Fail(ApiErrorCode.UnsupportedField, "The last message is the assistant's: an answer cannot be begun for the model. End with a user's message.", "messages");
    }

    private void ReadMessage(JsonElement item, string param)
    {
        if (!FieldReader.TryMember(item, "role", out var role))
            fields.Missing($"{param}.role");
        else if (!FieldReader.TryMember(item, "content", out var content))
            fields.Missing($"{param}.content");
        else if (fields.Text(role, $"{param}.role") is not ("user" or "assistant"))
            fields.Invalid($"{param}.role", "'user' or 'assistant'", role);
        else if (content.ValueKind == JsonValueKind.String)
            messages.Add(new Message { Role = role.GetString()!, Content = content.GetString()! });
        else if (content.ValueKind != JsonValueKind.Array)
            fields.Is(content, JsonValueKind.Array, $"{param}.content", "a string or an array of blocks");
        else if (role.ValueEquals("user"u8))
            ReadUser(content, $"{param}.content");
        else
            ReadAssistant(content, $"{param}.content");
    }

    private void ReadUser(JsonElement content, string param)
    {
        var parts = new List<ContentPart>();
        // A tool's message has text alone; what the tool shows comes with what the user says after it.
        var shown = new List<ContentPart>();
        foreach (var (block, index) in fields.Items(content, param, 1, OpenAiLimits.PartsMax))
        {
            var at = $"{param}[{index}]";
            switch (Blocks.TypeOf(fields, block, at))
            {
                case "text": parts.Add(new ContentPart { Text = Blocks.Text(fields, block, "text", at) }); break;
                case "image": parts.Add(Media(block, at)); break;
                case "document": parts.Add(Media(block, at)); break;
                case "tool_result":
                    Say(parts);
                    messages.Add(Result(block, at, shown));
                    break;
                default: Refuse(at, "text, image, document and tool_result"); break;
            }
        }

        parts.InsertRange(0, shown);
        Say(parts);
    }

    private void ReadAssistant(JsonElement content, string param)
    {
        var message = new Message { Role = "assistant" };
        var texts = new List<string>();
        foreach (var (block, index) in fields.Items(content, param, 0, OpenAiLimits.PartsMax))
        {
            var at = $"{param}[{index}]";
            switch (Blocks.TypeOf(fields, block, at))
            {
                case "text": texts.Add(Blocks.Text(fields, block, "text", at)); break;
                case "tool_use" when message.ToolCalls.Count < OpenAiLimits.ToolsMax: message.ToolCalls.Add(Call(block, at)); break;
                case "tool_use": fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.ToolsMax} tool_use blocks.", param); break;
                // What an earlier answer thought is no part of a prompt.
                case "thinking" or "redacted_thinking": break;
                default: Refuse(at, "text, tool_use and thinking"); break;
            }
        }

        if (texts.Count > 0 || message.ToolCalls.Count == 0)
            message.Content = string.Join('\n', texts);
        messages.Add(message);
    }

    private ToolCall Call(JsonElement block, string param)
    {
        var call = new ToolCall { Arguments = "{}" };
        if (FieldReader.TryMember(block, "id", out var id))
            call.Id = fields.Text(id, $"{param}.id", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.id");
        if (FieldReader.TryMember(block, "name", out var name))
            call.Name = fields.Text(name, $"{param}.name", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.name");
        if (FieldReader.TryMember(block, "input", out var input) && fields.Is(input, JsonValueKind.Object, $"{param}.input", "an object"))
            call.Arguments = input.GetRawText();
        return call;
    }

    private Message Result(JsonElement block, string param, List<ContentPart> shown)
    {
        var message = new Message { Role = "tool", Content = "" };
        if (FieldReader.TryMember(block, "tool_use_id", out var id))
            message.ToolCallId = fields.Text(id, $"{param}.tool_use_id", 1, OpenAiLimits.CalledNameCharsMax);
        else
            fields.Missing($"{param}.tool_use_id");
        if (FieldReader.TryMember(block, "content", out var content))
        {
            message.Content = content.ValueKind == JsonValueKind.String
                ? content.GetString()!
                : ReadResult(content, $"{param}.content", shown);
        }

        // Templates have no mark for a tool that failed, and the model should know.
        if (FieldReader.TryMember(block, "is_error", out var failed) && fields.Boolean(failed, $"{param}.is_error"))
            message.Content = $"Error: {message.Content}";
        return message;
    }

    private string ReadResult(JsonElement content, string param, List<ContentPart> shown)
    {
        var texts = new List<string>();
        foreach (var (block, index) in fields.Items(content, param, 0, OpenAiLimits.PartsMax))
        {
            var at = $"{param}[{index}]";
            switch (Blocks.TypeOf(fields, block, at))
            {
                case "text": texts.Add(Blocks.Text(fields, block, "text", at)); break;
                case "image" or "document" when Media(block, at) is var part:
                    if (part.BodyCase == ContentPart.BodyOneofCase.Text)
                        texts.Add(part.Text);
                    else
                        shown.Add(part);
                    break;
                default: Refuse(at, "text, image and document"); break;
            }
        }

        return string.Join('\n', texts);
    }

    private ContentPart Media(JsonElement block, string param)
    {
        param += ".source";
        if (!FieldReader.TryMember(block, "source", out var source))
        {
            fields.Missing(param);
            return new ContentPart { Text = "" };
        }

        var isImage = block.GetProperty("type").ValueEquals("image"u8);
        var type = Blocks.TypeOf(fields, source, param);
        if (type == "text" && !isImage)
            return new ContentPart { Text = Blocks.Text(fields, source, "data", param) };
        if (type == "url" && isImage)
            return _media.Image(Blocks.Text(fields, source, "url", param), $"{param}.url");
        var name = !isImage && FieldReader.TryMember(block, "title", out var title) ? fields.Text(title, $"{param}.title", 0, OpenAiLimits.FileNameCharsMax) : "";
        if (type == "url")
            return _media.RemoteFile(name, Blocks.Text(fields, source, "url", param), $"{param}.url");
        if (type is not "base64")
        {
            fields.Fail(ApiErrorCode.UnsupportedField, $"'{param}.type' must be 'base64'{(isImage ? "" : ", 'text'")} or 'url'.", $"{param}.type");
            return new ContentPart { Text = "" };
        }

        var url = $"data:{Blocks.Text(fields, source, "media_type", param)};base64,{Blocks.Text(fields, source, "data", param)}";
        if (isImage)
            return _media.Image(url, $"{param}.data");
        return _media.File(name, url, $"{param}.data");
    }

    private void Say(List<ContentPart> parts)
    {
        if (parts.Count == 0)
            return;
        var message = new Message { Role = "user" };
        if (parts.TrueForAll(p => p.BodyCase == ContentPart.BodyOneofCase.Text))
            message.Content = string.Join('\n', parts.Select(p => p.Text));
        else
            message.Parts.AddRange(parts);
        messages.Add(message);
        parts.Clear();
    }

    private void Refuse(string param, string served) =>
        fields.Fail(ApiErrorCode.UnsupportedField, $"'{param}.type' is a block that is not served here: {served} are, in this place.", $"{param}.type");
}
