namespace Flotilla.Engine;

/// <summary>Why a completion ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop text appeared.</summary>
    Stop,

    /// <summary>The token limit or the context was reached.</summary>
    Length,

    /// <summary>The model ended its turn after calling a tool.</summary>
    ToolCalls,
}
