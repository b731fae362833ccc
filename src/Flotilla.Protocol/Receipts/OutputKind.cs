namespace Flotilla.Protocol.Receipts;

/// <summary>What a piece of a job's output is; the numbers are part of the receipt format.</summary>
public enum OutputKind
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>The answer's text.</summary>
    Text = 1,

    /// <summary>Text of the model's reasoning.</summary>
    Reasoning = 2,

    /// <summary>The name of a tool that is called.</summary>
    ToolName = 3,

    /// <summary>The arguments of a tool call, JSON text.</summary>
    ToolArguments = 4,
}
