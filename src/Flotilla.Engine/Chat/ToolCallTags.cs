namespace Flotilla.Engine.Chat;

/// <summary>The tags around a tool call in the form of Hermes and Qwen.</summary>
internal static class ToolCallTags
{
    /// <summary>What stands before a call.</summary>
    public const string Open = "<tool_call>";

    /// <summary>What stands behind it.</summary>
    public const string Close = "</tool_call>";

    /// <summary>Whether a token is one of them. Vocabularies differ in whether they are control tokens; to readers they are text.</summary>
    public static bool Is(ReadOnlySpan<byte> token) => token.SequenceEqual("<tool_call>"u8) || token.SequenceEqual("</tool_call>"u8);
}
