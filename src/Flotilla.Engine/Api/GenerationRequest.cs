namespace Flotilla.Engine;

/// <summary>One completion to be generated. Exactly one of the three kinds of prompt is given.</summary>
public sealed record GenerationRequest
{
    /// <summary>A conversation, rendered by the model's own template.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>Plain text; nothing in it is read as a control token.</summary>
    public string? Prompt { get; init; }

    /// <summary>Token ids, used as they are.</summary>
    public IReadOnlyList<int>? PromptTokens { get; init; }

    /// <summary>Tools offered through the template; empty offers none.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>
    /// The time, for templates that state it; null for a standard date. It becomes part of the prompt, so a request that may
    /// be resumed elsewhere carries it along (on the link: <c>now_unix_ms</c>).
    /// </summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>
    /// How much the model shall think before it answers, in the word that its template takes (<c>low</c>, <c>high</c>, …); templates that
    /// only know whether to think take <c>none</c> for no and the rest for yes. Null leaves it to the model. Only for models whose
    /// <see cref="ModelInfo.TakesReasoningEffort"/>.
    /// </summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The longest completion in tokens, those of <see cref="ResumeFrom"/> included. More than the context leaves is cut to that, and null takes all of it; with 0 the prompt is read and nothing follows.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// How many tokens come before the model may end its turn, those of <see cref="ResumeFrom"/> included. Stop texts end the completion
    /// all the same, and a form that is complete does.
    /// </summary>
    public int MinTokens { get; init; }

    /// <summary>Texts that end the completion where they appear; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>How many alternatives to report with each token, 0 to 20; null reports no log probabilities.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>
    /// How many alternatives to report with each token of the prompt, 0 to 20, in <see cref="PromptTokens"/> before the completion; null
    /// reports none. All of the prompt is computed then, whatever others have computed of it.
    /// </summary>
    public int? PromptLogprobs { get; init; }

    /// <summary>
    /// Tokens that the same request generated before, perhaps elsewhere. They are computed again but not emitted; all that
    /// follows (tokens, penalties, stop texts, tool calls, characters cut in two, trace root) is as if one run had made both.
    /// </summary>
    public IReadOnlyList<int> ResumeFrom { get; init; } = [];

    /// <summary>Whether tokens may be guessed (<see cref="EngineOptions.GuessesMax"/>): faster where they are right, and never another answer.</summary>
    public bool MayGuess { get; init; } = true;

    /// <summary>Generates on when the model ends its turn.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>
    /// JSON Schema (2020-12, the keywords that docs/internals/engine.md lists) that the answer, one JSON value, keeps to: no token that
    /// breaks it can be drawn. Null leaves the answer free. An answer that <see cref="MaxTokens"/> cuts is no complete value.
    /// </summary>
    public string? AnswerSchema { get; init; }

    /// <summary>Whether <see cref="AnswerSchema"/> must be kept to the letter; if not, one that the engine cannot hold answers to becomes any JSON object.</summary>
    public bool IsSchemaStrict { get; init; } = true;

    /// <summary>Whether and how the answer calls the <see cref="Tools"/>.</summary>
    public ToolUse ToolUse { get; init; } = new();

    /// <summary>
    /// Who this request is for, as far as time may tell: requests with the same salt compute a common beginning of their prompts
    /// once, which the second of them can notice. Null shares nothing.
    /// </summary>
    public byte[]? PrefixSalt { get; init; }
}
