namespace Flotilla.Protocol.OpenAI.Responses;

/// <summary>What an item of a response's output is.</summary>
internal enum OutputItemKind
{
    /// <summary>Text of the assistant's.</summary>
    Message,

    /// <summary>What the model thought.</summary>
    Reasoning,

    /// <summary>A call of a function.</summary>
    FunctionCall,
}
