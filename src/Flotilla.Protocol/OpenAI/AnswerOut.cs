using System.Buffers;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.Sse;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The pieces that all answers share.</summary>
internal static class AnswerOut
{
    /// <summary>What an OpenAI client calls the reason; a runtime that names none has stopped.</summary>
    public static ReadOnlySpan<byte> FinishText(ChoiceDone.Types.Finish finish, bool functions = false) => finish switch
    {
        ChoiceDone.Types.Finish.Length => "\"length\""u8,
        ChoiceDone.Types.Finish.ToolCalls => functions ? "\"function_call\""u8 : "\"tool_calls\""u8,
        ChoiceDone.Types.Finish.ContentFilter => "\"content_filter\""u8,
        _ => "\"stop\""u8,
    };

    /// <summary>Why the choice ended, with its error where it has one.</summary>
    public static void WriteFinish(IBufferWriter<byte> output, AnswerHead head, int choice, ChoiceDone.Types.Finish finish, bool functions = false)
    {
        if (head.Ensemble?.ErrorOf(choice) is not { } error)
        {
            output.Write(FinishText(finish, functions));
            return;
        }

        output.Write("\"error\","u8);
        error.WriteMember(output);
    }

    /// <summary>Whose the choice is, after its index; nothing where only one model was asked.</summary>
    public static void WriteChoiceModel(IBufferWriter<byte> output, AnswerHead head, int choice)
    {
        if (head.Ensemble is not { } ensemble)
            return;
        output.Write(",\"model\":"u8);
        output.WriteJsonString(ensemble.ModelOf(choice));
    }

    /// <summary>From the opening brace to the opening bracket of the choices.</summary>
    public static void WriteHead(IBufferWriter<byte> output, AnswerHead head, ReadOnlySpan<byte> kind)
    {
        output.Write("{\"id\":"u8);
        output.WriteJsonString(head.Id);
        output.Write(",\"object\":\""u8);
        output.Write(kind);
        output.Write("\",\"created\":"u8);
        output.WriteJsonNumber(head.Created);
        output.Write(",\"model\":"u8);
        output.WriteJsonString(head.Model);
        output.Write(",\"choices\":["u8);
    }

    /// <summary>The usage object, with OpenAI's and Anthropic's names for what a cache saved.</summary>
    public static void WriteUsage(IBufferWriter<byte> output, Usage usage)
    {
        output.Write("{\"prompt_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write(",\"completion_tokens\":"u8);
        output.WriteJsonNumber(usage.CompletionTokens);
        output.Write(",\"total_tokens\":"u8);
        output.WriteJsonNumber((long)usage.PromptTokens + usage.CompletionTokens);
        output.Write(",\"prompt_tokens_details\":{\"cached_tokens\":"u8);
        output.WriteJsonNumber(usage.CachedTokens);
        output.Write("},\"completion_tokens_details\":{\"reasoning_tokens\":"u8);
        output.WriteJsonNumber(usage.ReasoningTokens);
        output.Write("},\"cache_read_input_tokens\":"u8);
        output.WriteJsonNumber(usage.CachedTokens);
        output.Write(",\"cache_creation_input_tokens\":0}"u8);
    }

    /// <summary>The chunk of usage that may end a stream: it has no choices.</summary>
    public static void WriteUsageChunk(IBufferWriter<byte> output, ReadOnlySpan<byte> head, Usage usage, EnsembleAnswer? ensemble)
    {
        output.Write(head);
        output.Write("],\"usage\":"u8);
        WriteUsage(output, usage);
        ensemble?.WriteReport(output);
        output.Write("}"u8);
        output.Write(SseFrame.End);
    }

    /// <summary>The event that ends a stream of no choices with an error.</summary>
    public static void WriteErrorEvent(IBufferWriter<byte> output, ApiError error)
    {
        output.Write(SseFrame.Start);
        error.WriteTo(output);
        output.Write(SseFrame.End);
    }

    /// <summary>The bytes that every chunk of a stream begins with.</summary>
    public static byte[] ChunkHead(AnswerHead head, ReadOnlySpan<byte> kind)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(SseFrame.Start);
        WriteHead(bytes, head, kind);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The bytes that every chunk of a stream ends with, after its choice.</summary>
    public static ReadOnlySpan<byte> ChunkTail(bool includeUsage) => includeUsage ? "],\"usage\":null}\n\n"u8 : "]}\n\n"u8;
}
