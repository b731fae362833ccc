using System.Buffers;
using System.Text;
using Flotilla.Protocol.Link;

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

    /// <summary>Of a message whose log probabilities were asked for: its tokens.</summary>
    public List<TokenOutput> Tokens { get; } = [];

    /// <summary>Alternatives of each that were asked for.</summary>
    public uint TopLogprobs { get; init; }

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

    /// <summary>Writes the one part of a message or of reasoning, as it is so far or as it begins.</summary>
    public void WritePart(IBufferWriter<byte> output, bool empty = false)
    {
        if (Kind == OutputItemKind.Message)
        {
            output.Write("{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":"u8);
            LogprobsOut.WriteTokens(output, empty ? [] : Tokens, TopLogprobs);
            output.Write(",\"text\":"u8);
        }
        else
        {
            output.Write("{\"type\":\"reasoning_text\",\"text\":"u8);
        }

        output.WriteJsonString(empty ? "" : Text.ToString());
        output.Write("}"u8);
    }

    private void WriteContent(IBufferWriter<byte> output, bool empty)
    {
        if (!empty)
            WritePart(output);
    }
}
