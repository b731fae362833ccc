using System.Buffers;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>The usage of an answer that has no tokens of its own.</summary>
internal static class InputUsage
{
    /// <summary>Writes <c>{"prompt_tokens","total_tokens"}</c>.</summary>
    public static void Write(IBufferWriter<byte> output, Usage usage)
    {
        output.Write("{\"prompt_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write(",\"total_tokens\":"u8);
        output.WriteJsonNumber(usage.PromptTokens);
        output.Write("}"u8);
    }
}
