namespace Flotilla.Engine;

/// <summary>A request was refused before any event; the caller, not the engine, can change that.</summary>
public sealed class GenerationRejectedException : Exception
{
    internal GenerationRejectedException(GenerationRejection reason, string message, int promptTokens = 0, int contextTokensMax = 0)
        : base(message)
    {
        Reason = reason;
        PromptTokens = promptTokens;
        ContextTokensMax = contextTokensMax;
    }

    /// <summary>Why it was refused.</summary>
    public GenerationRejection Reason { get; }

    /// <summary>Tokens of the prompt; 0 when it was refused before they were counted.</summary>
    public int PromptTokens { get; }

    /// <summary>The engine's context in tokens; 0 when the refusal is not about it.</summary>
    public int ContextTokensMax { get; }
}
