using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Anthropic;

/// <summary>The bounds of Anthropic's form where they differ from OpenAI's (<see cref="OpenAI.OpenAiLimits"/>).</summary>
public static class AnthropicLimits
{
    /// <summary>Characters of a tool's name: Anthropic's documented 128, and as many as a call on the link may name.</summary>
    public const int ToolNameCharsMax = LinkLimits.NameCharsMax;

    /// <summary>Stop sequences: Anthropic documents no maximum; as many as the built-in engine takes.</summary>
    public const int StopSequencesMax = 64;
}
