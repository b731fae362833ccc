using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Anthropic;

/// <summary>The bounds of Anthropic's form where they differ from OpenAI's (<see cref="OpenAI.OpenAiLimits"/>).</summary>
public static class AnthropicLimits
{
    /// <summary>Characters of a tool's name: Anthropic's documented 128, and as many as a call on the link may name.</summary>
    public const int ToolNameCharsMax = LinkLimits.NameCharsMax;

    /// <summary>Least tokens to think with: Anthropic's.</summary>
    public const int ThinkingTokensMin = 1024;

    /// <summary>Tokens to think with that stand for a medium effort: models that know words instead of numbers are told a word. LiteLLM's bounds.</summary>
    public const int MediumThinkingTokens = 2048;

    /// <summary>Tokens to think with that stand for a high effort.</summary>
    public const int HighThinkingTokens = 4096;

    /// <summary>Stop sequences: Anthropic documents no maximum; as many as the built-in engine takes.</summary>
    public const int StopSequencesMax = 64;
}
