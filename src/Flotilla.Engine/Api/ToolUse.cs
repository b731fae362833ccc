namespace Flotilla.Engine;

/// <summary>What an answer must and must not do with the tools that it is offered. Only for models whose <see cref="ModelInfo.HoldsToolCalls"/>.</summary>
public sealed record ToolUse
{
    /// <summary>Whether the answer has to call a tool.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The one tool that it has to call; null for any. Only where <see cref="IsRequired"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the answer may call at most one.</summary>
    public bool IsSingle { get; init; }
}
