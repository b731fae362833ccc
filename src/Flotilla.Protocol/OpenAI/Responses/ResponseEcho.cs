using System.Buffers;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>What a response object repeats of its request.</summary>
internal static class ResponseEcho
{
    // In the order of OpenAI's answers, each with what stands there if the request leaves it out.
    private static readonly (string Name, string Otherwise)[] Fields =
    [
        ("background", "false"),
        ("instructions", "null"),
        ("max_output_tokens", "null"),
        ("max_tool_calls", "null"),
        ("parallel_tool_calls", "true"),
        ("previous_response_id", "null"),
        ("reasoning", """{"effort":null,"summary":null}"""),
        ("service_tier", "\"default\""),
        ("store", "true"),
        ("temperature", "1"),
        ("text", """{"format":{"type":"text"}}"""),
        ("tool_choice", "\"auto\""),
        ("tools", "[]"),
        ("top_logprobs", "0"),
        ("top_p", "1"),
        ("truncation", "\"disabled\""),
        ("user", "null"),
        ("metadata", "{}"),
    ];

    /// <summary>The members, with a comma before each.</summary>
    public static ReadOnlyMemory<byte> Of(JsonElement request)
    {
        var output = new ArrayBufferWriter<byte>(512);
        foreach (var (name, otherwise) in Fields)
        {
            output.Write(","u8);
            output.WriteJsonString(name);
            output.Write(":"u8);
            if (FieldReader.TryMember(request, name, out var value))
                output.Write(Compact(value));
            else
                output.Write(System.Text.Encoding.UTF8.GetBytes(otherwise));
        }

        return output.WrittenMemory;
    }

    /// <summary>A value on one line, whatever the client's looks like: raw line ends would break an event stream.</summary>
    public static byte[] Compact(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
            value.WriteTo(json);
        return output.WrittenSpan.ToArray();
    }
}
