using System.Buffers;
using System.Text;

namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>One item of a response's output as it grows.</summary>
internal sealed class OutputItem
{
    /// <summary>What it is.</summary>
    public required OutputItemKind Kind { get; init; }

    /// <summary>Its place in the output.</summary>
    public required int Index { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Of a call: the id that its result names.</summary>
    public string CallId { get; init; } = "";

    /// <summary>Of a call: the tool, as the runtime knows it.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Of a call: the function, and the namespace that it is in or nothing, as the client knows it.</summary>
    public ToolNamespace Function { get; init; }

    /// <summary>The text, the reasoning or the arguments.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Whether the stream has ended it.</summary>
    public bool Ended { get; set; }

    /// <summary>Writes the item as it is so far, or as it begins.</summary>
    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> status, bool empty = false)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(Id);
        if (Kind != OutputItemKind.Reasoning)
        {
            output.Write(",\"status\":\""u8);
            output.Write(status);
            output.Write("\""u8);
        }

        switch (Kind)
        {
            case OutputItemKind.Message:
                output.Write(",\"type\":\"message\",\"role\":\"assistant\",\"content\":["u8);
                WriteContent(output, empty);
                output.Write("]}"u8);
                break;
            case OutputItemKind.Reasoning:
                output.Write(",\"type\":\"reasoning\",\"summary\":[],\"content\":["u8);
                WriteContent(output, empty);
                output.Write("]}"u8);
                break;
            default:
                output.Write(",\"type\":\"function_call\",\"call_id\":"u8);
                output.WriteJsonString(CallId);
                output.Write(",\"name\":"u8);
                output.WriteJsonString(Function.Name);
                if (Function.Namespace.Length > 0)
                {
                    output.Write(",\"namespace\":"u8);
                    output.WriteJsonString(Function.Namespace);
                }

                output.Write(",\"arguments\":"u8);
                output.WriteJsonString(empty ? "" : Text.ToString());
                output.Write("}"u8);
                break;
        }
    }

    /// <summary>Writes the one part of a message or of reasoning.</summary>
    public void WritePart(IBufferWriter<byte> output, string text)
    {
        output.Write(Kind == OutputItemKind.Message ? "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":"u8 : "{\"type\":\"reasoning_text\",\"text\":"u8);
        output.WriteJsonString(text);
        output.Write("}"u8);
    }

    private void WriteContent(IBufferWriter<byte> output, bool empty)
    {
        if (!empty)
            WritePart(output, Text.ToString());
    }
}
