using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A chat as the fields of an OpenAI body.</summary>
internal static class ChatBody
{
    /// <summary>Writes the messages, tools and the form of the answer into an open object.</summary>
    public static void Write(Utf8JsonWriter json, Chat chat)
    {
        json.WriteStartArray("messages");
        foreach (var message in chat.Messages)
            WriteMessage(json, message);
        json.WriteEndArray();
        if (chat.ReasoningEffort.Length > 0)
            json.WriteString("reasoning_effort", chat.ReasoningEffort);
        if (chat.ResponseFormat is { } format)
            WriteFormat(json, format);
        if (chat.Tools.Count == 0)
            return;
        json.WriteStartArray("tools");
        foreach (var tool in chat.Tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            if (tool.Description.Length > 0)
                json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            json.WriteRawValue(tool.Parameters);
            if (tool.Strict)
                json.WriteBoolean("strict", true);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (chat.HasParallelToolCalls)
            json.WriteBoolean("parallel_tool_calls", chat.ParallelToolCalls);
        WriteChoice(json, chat);
    }

    private static void WriteChoice(Utf8JsonWriter json, Chat chat)
    {
        if (chat.ToolChoice != Chat.Types.ToolChoice.Named)
        {
            json.WriteString("tool_choice", chat.ToolChoice switch
            {
                Chat.Types.ToolChoice.None => "none",
                Chat.Types.ToolChoice.Required => "required",
                _ => "auto",
            });
            return;
        }

        json.WriteStartObject("tool_choice");
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", chat.ToolName);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormat(Utf8JsonWriter json, ResponseFormat format)
    {
        json.WriteStartObject("response_format");
        if (format.Kind != ResponseFormat.Types.Kind.JsonSchema)
        {
            json.WriteString("type", "json_object");
            json.WriteEndObject();
            return;
        }

        json.WriteString("type", "json_schema");
        json.WriteStartObject("json_schema");
        json.WriteString("name", format.Name);
        if (format.Description.Length > 0)
            json.WriteString("description", format.Description);
        if (format.Schema.Length > 0)
        {
            json.WritePropertyName("schema");
            json.WriteRawValue(format.Schema);
        }

        json.WriteBoolean("strict", format.Strict);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes one part of a message.</summary>
    public static void WritePart(Utf8JsonWriter json, ContentPart part)
    {
        json.WriteStartObject();
        switch (part.BodyCase)
        {
            case ContentPart.BodyOneofCase.Image:
                json.WriteString("type", "image_url");
                json.WriteStartObject("image_url");
                json.WriteString("url", part.Image.Url);
                if (part.Image.Detail.Length > 0)
                    json.WriteString("detail", part.Image.Detail);
                json.WriteEndObject();
                break;
            case ContentPart.BodyOneofCase.Audio:
                json.WriteString("type", "input_audio");
                json.WriteStartObject("input_audio");
                json.WriteBase64String("data", part.Audio.Data.Span);
                json.WriteString("format", part.Audio.Format);
                json.WriteEndObject();
                break;
            case ContentPart.BodyOneofCase.File:
                json.WriteString("type", "file");
                json.WriteStartObject("file");
                json.WriteString("filename", part.File.Name);
                json.WriteString("file_data", part.File.Data);
                json.WriteEndObject();
                break;
            default:
                json.WriteString("type", "text");
                json.WriteString("text", part.Text);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        // The newer name of the same role, which few servers' templates know.
        json.WriteString("role", message.Role == "developer" ? "system" : message.Role);
        if (message.HasContent)
            json.WriteString("content", message.Content);
        else if (message.Parts.Count > 0)
            WriteParts(json, message);
        else
            json.WriteNull("content");
        if (message.Name.Length > 0)
            json.WriteString("name", message.Name);
        if (message.ToolCallId.Length > 0)
            json.WriteString("tool_call_id", message.ToolCallId);
        if (message.ToolCalls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var call in message.ToolCalls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.Id);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", call.Name);
                json.WriteString("arguments", call.Arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, Message message)
    {
        json.WriteStartArray("content");
        foreach (var part in message.Parts)
            WritePart(json, part);
        json.WriteEndArray();
    }
}
