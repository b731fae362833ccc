namespace Flotilla.Engine;

/// <summary>One message of a conversation, as a chat template sees it.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>; the template decides what else it knows.</param>
/// <param name="Content">The text, or null for an assistant message that only calls tools.</param>
public sealed record ChatMessage(string Role, string? Content)
{
    /// <summary>The calls an assistant message made, in order; empty for every other message.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>For a <c>tool</c> message, the id of the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The participant's or the tool's name, where the caller gave one.</summary>
    public string? Name { get; init; }
}
