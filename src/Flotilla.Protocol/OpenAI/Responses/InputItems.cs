using System.Buffers;
using System.Text.Json;
using Flotilla.Core;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>A request's <c>input</c> as the list of items that <c>GET /v1/responses/{id}/input_items</c> shows: each with an id and a type.</summary>
public static class InputItems
{
    /// <summary>Writes the items as a JSON array on one line.</summary>
    /// <param name="input">A valid <c>input</c>: a JSON string, or an array of objects.</param>
    /// <param name="ids">Names the items that the client gave no id.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> input, IIdSource ids)
    {
        var output = new ArrayBufferWriter<byte>(input.Length + 128);
        using (var json = new Utf8JsonWriter(output))
        using (var document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = OpenAiLimits.JsonDepthMax }))
        {
            json.WriteStartArray();
            if (document.RootElement.ValueKind == JsonValueKind.String)
                WriteText(json, document.RootElement, ids);
            else
                foreach (var item in document.RootElement.EnumerateArray())
                    WriteItem(json, item, ids);
            json.WriteEndArray();
        }

        return output.WrittenMemory;
    }

    private static void WriteText(Utf8JsonWriter json, JsonElement text, IIdSource ids)
    {
        json.WriteStartObject();
        json.WriteString("id", ids.Next("msg_"));
        json.WriteString("type", "message");
        json.WriteString("role", "user");
        WriteContent(json, text, "user");
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, JsonElement item, IIdSource ids)
    {
        var type = FieldReader.TryMember(item, "type", out var given) ? given.GetString()! : "message";
        json.WriteStartObject();
        json.WriteString("id", FieldReader.TryMember(item, "id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : ids.Next(PrefixOf(type)));
        json.WriteString("type", type);
        foreach (var member in item.EnumerateObject().Where(m => m.Name is not ("id" or "type")))
        {
            if (type == "message" && member.NameEquals("content") && member.Value.ValueKind == JsonValueKind.String)
                WriteContent(json, member.Value, item.GetProperty("role").GetString()!);
            else
                member.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, JsonElement text, string role)
    {
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", role == "assistant" ? "output_text" : "input_text");
        json.WritePropertyName("text");
        text.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string PrefixOf(string type) => type switch
    {
        "function_call" => "fc_",
        "function_call_output" => "fco_",
        "reasoning" => "rs_",
        _ => "msg_",
    };
}
