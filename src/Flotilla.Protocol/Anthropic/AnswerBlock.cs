using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>One block of an answer as it grows: text, a thought, or a tool's call.</summary>
internal sealed class AnswerBlock
{
    /// <summary>What it is; a later piece of another kind begins a new block.</summary>
    public required BlockKind Kind { get; init; }

    /// <summary>The call's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The called tool.</summary>
    public string Name { get; init; } = "";

    /// <summary>The text, the thought, or the arguments.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Of a call: how much of its arguments a stream has sent.</summary>
    public JsonExtent Arguments { get; } = new();

    /// <summary>Whether a stream has closed it.</summary>
    public bool Ended { get; set; }

    /// <summary>Writes the block; <paramref name="text"/> is what stands in it, or the call's arguments.</summary>
    public void Write(IBufferWriter<byte> output, string text)
    {
        switch (Kind)
        {
            case BlockKind.Text:
                output.Write("{\"type\":\"text\",\"text\":"u8);
                output.WriteJsonString(text);
                output.Write("}"u8);
                break;
            case BlockKind.Thinking:
                output.Write("{\"type\":\"thinking\",\"thinking\":"u8);
                output.WriteJsonString(text);
                // Nobody here can vouch for a thought; clients send it back, and it is dropped then.
                output.Write(",\"signature\":\"\"}"u8);
                break;
            default:
                output.Write("{\"type\":\"tool_use\",\"id\":"u8);
                output.WriteJsonString(Id);
                output.Write(",\"name\":"u8);
                output.WriteJsonString(Name);
                output.Write(",\"input\":"u8);
                WriteInput(output, text);
                output.Write("}"u8);
                break;
        }
    }

    // The form has room for an object alone. What a model wrote instead is kept where a client can find it.
    private static void WriteInput(IBufferWriter<byte> output, string arguments)
    {
        if (arguments.Length == 0)
        {
            output.Write("{}"u8);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(arguments);
        if (JsonBody.TryParse(bytes, out var document) is null)
        {
            using (document)
            using (var json = new Utf8JsonWriter(output))
                document.RootElement.WriteTo(json);
            return;
        }

        output.Write("{\"invalid_json\":"u8);
        output.WriteJsonString(arguments);
        output.Write("}"u8);
    }
}
