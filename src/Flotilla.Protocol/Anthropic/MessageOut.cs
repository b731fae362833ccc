using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Anthropic;

/// <summary>The pieces that whole and streamed answers share.</summary>
internal static class MessageOut
{
    /// <summary>Prefix of the ids of calls.</summary>
    public const string CallPrefix = "toolu_";

    /// <summary>From the opening brace to the opening bracket of the content.</summary>
    public static void WriteHead(IBufferWriter<byte> output, AnswerHead head)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(head.Id);
        output.Write(",\"type\":\"message\",\"role\":\"assistant\",\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"content\":["u8);
    }

    /// <summary>The reason to stop, with the stop text that caused it where the runtime told which one it was.</summary>
    public static void WriteStop(IBufferWriter<byte> output, ChoiceDone end)
    {
        output.Write("\"stop_reason\":\""u8);
        output.Write(end.Finish switch
        {
            ChoiceDone.Types.Finish.Stop when end.Stop.Length > 0 => "stop_sequence"u8,
            ChoiceDone.Types.Finish.Length => "max_tokens"u8,
            ChoiceDone.Types.Finish.ToolCalls => "tool_use"u8,
            ChoiceDone.Types.Finish.ContentFilter => "refusal"u8,
            _ => "end_turn"u8,
        });
        output.Write("\",\"stop_sequence\":"u8);
        if (end.Stop.Length > 0)
            output.WriteJsonString(end.Stop);
        else
            output.Write("null"u8);
    }

    /// <summary>Usage: here, other than in OpenAI's form, what a cache saved is not part of the input.</summary>
    public static void WriteUsage(IBufferWriter<byte> output, Usage usage)
    {
        output.Write("{\"input_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens - usage.CachedTokens);
        output.Write(",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":"u8);
        output.WriteJsonNumber(usage.CachedTokens);
        output.Write(",\"output_tokens\":"u8);
        output.WriteJsonNumber(usage.CompletionTokens);
        output.Write("}"u8);
    }
}
