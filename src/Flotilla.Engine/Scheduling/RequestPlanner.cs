using Flotilla.Engine.Cache;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Templates;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Scheduling;

/// <summary>Checks a request and turns it into token ids and limits, on its caller's thread.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="prompts">Renders conversations; null if the model cannot.</param>
/// <param name="noPromptsReason">Why it cannot.</param>
/// <param name="forms">Compiles what answers are held to.</param>
/// <param name="contextTokensMax">Tokens of a sequence.</param>
/// <param name="kvPositionsMax">Positions that the key-value memory holds in all.</param>
/// <param name="canGenerate">Whether the model continues texts.</param>
internal sealed class RequestPlanner(
    ITokenizer tokenizer, PromptBuilder? prompts, string noPromptsReason, AnswerForms forms, int contextTokensMax, long kvPositionsMax, bool canGenerate)
{
    /// <exception cref="GenerationRejectedException">The request cannot be served as it is.</exception>
    public GenerationPlan Plan(GenerationRequest request, CancellationToken cancellation)
    {
        if (!canGenerate)
            throw new GenerationRejectedException(GenerationRejection.WrongKind, "The model reads texts and writes none: it embeds them, or judges pairs of them.");
        RequestRules.Check(request, tokenizer.VocabularySize);
        var prompt = Prompt(request, cancellation);
        CheckPrompt(prompt, request.MaxTokens);
        var room = contextTokensMax - prompt.Length;
        var completionMax = Math.Min(request.MaxTokens ?? room, room);
        int[] resumed = [.. request.ResumeFrom];
        if (resumed.Length > completionMax)
        {
            throw new GenerationRejectedException(
                GenerationRejection.ResumeAlreadyFinished,
                $"resume_from holds {resumed.Length} tokens; the completion may have {completionMax}.",
                prompt.Length,
                contextTokensMax);
        }

        var thoughts = request.Messages is null ? null : ThinkReader.For(tokenizer, prompt);
        var form = forms.Of(request, thoughts) is { } compiled ? FormFollower.Behind(compiled, resumed, cancellation) : null;
        return new GenerationPlan(prompt, resumed, completionMax, request, form, forms.ReaderOf(request, thoughts));
    }

    /// <summary>Renders and encodes a conversation.</summary>
    public int[] Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, PromptTerms terms, CancellationToken cancellation)
    {
        if (prompts is null)
            throw new GenerationRejectedException(GenerationRejection.NoChatTemplate, noPromptsReason);
        if (terms.Effort is not null && !prompts.TakesEffort)
            throw new GenerationRejectedException(GenerationRejection.EffortNotSupported, "The model's chat template has no place for reasoning_effort.");
        try
        {
            return prompts.Build(messages, tools, terms, cancellation);
        }
        catch (TemplateException exception)
        {
            throw new GenerationRejectedException(GenerationRejection.TemplateFailed, exception.Message);
        }
    }

    private int[] Prompt(GenerationRequest request, CancellationToken cancellation)
    {
        if (request.Messages is { } messages)
            return Render(messages, request.Tools, new PromptTerms(request.Now, request.ReasoningEffort), cancellation);
        return request.Prompt is { } text
            ? tokenizer.Encode(text, parseSpecial: false, addBos: tokenizer.AddsBos)
            : [.. request.PromptTokens!];
    }

    private void CheckPrompt(int[] prompt, int? maxTokens)
    {
        var room = maxTokens == 0 ? 0 : 1;
        if (prompt.Length == 0)
            throw new GenerationRejectedException(GenerationRejection.EmptyPrompt, "The prompt has no token.");
        if (prompt.Length + room > contextTokensMax)
        {
            throw new GenerationRejectedException(
                GenerationRejection.ContextLengthExceeded,
                $"The prompt has {prompt.Length} tokens; the context holds {contextTokensMax}, and a completion needs at least {room}.",
                prompt.Length,
                contextTokensMax);
        }
    }

    /// <summary>Refuses what the memory could never hold, even alone: it would give way to itself for ever.</summary>
    public void CheckMemory(Sequence sequence)
    {
        if (KvPool.BlocksFor(sequence.TokensMax) * (long)KvBlock.Positions > kvPositionsMax)
        {
            throw new GenerationRejectedException(
                GenerationRejection.KvMemoryExceeded,
                $"The sequence may need {sequence.TokensMax} positions; key-value memory holds {kvPositionsMax} (option {nameof(EngineOptions.KvBytesMax)}).");
        }
    }
}
