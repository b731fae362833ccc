namespace Flotilla.Engine;

/// <summary>The last event.</summary>
/// <param name="Reason">Why the completion ends here.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens of the completion, those of <see cref="GenerationRequest.ResumeFrom"/> included; the end-of-turn token is none of them.</param>
/// <param name="CachedTokens">Prompt tokens that did not have to be computed.</param>
/// <param name="TraceRoot">32 bytes over every generated token, the end-of-turn token included, and the hidden state it was drawn from (docs/numerics.md).</param>
/// <param name="StopText">The stop text that ended the completion; null where none did.</param>
public sealed record Finished(FinishReason Reason, int PromptTokens, int CompletionTokens, int CachedTokens, byte[] TraceRoot, string? StopText) : GenerationEvent
{
    /// <summary>Tokens of what the model thought before it answered; those of <see cref="GenerationRequest.ResumeFrom"/> are not counted.</summary>
    public int ReasoningTokens { get; init; }

    /// <summary>Tokens that were guessed from what stood before, and computed together with the one before them.</summary>
    public int GuessedTokens { get; init; }

    /// <summary>How many of them turned out to be the ones drawn: so many steps were saved.</summary>
    public int GuessedRight { get; init; }
}
