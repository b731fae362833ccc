namespace Flotilla.Engine;

/// <summary>Why a request was refused before anything was computed.</summary>
public enum GenerationRejection
{
    /// <summary>Not exactly one of messages, text and token ids was given.</summary>
    PromptAmbiguous,

    /// <summary>The prompt has no token.</summary>
    EmptyPrompt,

    /// <summary>The prompt leaves no room in the context.</summary>
    ContextLengthExceeded,

    /// <summary>A token id, in the prompt, the resumed tokens or the logit bias, is not in the vocabulary.</summary>
    TokenOutOfRange,

    /// <summary>Messages were given to a model without a chat template.</summary>
    NoChatTemplate,

    /// <summary>The chat template refused the messages or exceeded its limits.</summary>
    TemplateFailed,

    /// <summary>A sampling option or limit is outside its range.</summary>
    OptionOutOfRange,

    /// <summary>The resumed tokens already end the completion.</summary>
    ResumeAlreadyFinished,

    /// <summary>As many requests wait as may wait; later is better.</summary>
    QueueFull,

    /// <summary>The sequence needs more key-value memory than the engine was given.</summary>
    KvMemoryExceeded,

    /// <summary>The model is of a kind that does not do this: it generates, embeds or judges pairs, and was asked for another of these.</summary>
    WrongKind,

    /// <summary>The form that the answer shall have is malformed, contradicts itself, or uses what the engine does not know.</summary>
    FormNotSupported,

    /// <summary>How much the model shall think was asked for, and its template has no place for that.</summary>
    EffortNotSupported,
}
