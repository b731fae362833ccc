namespace Flotilla.Engine.Scheduling;

/// <summary>The ranges of a request's options.</summary>
internal static class RequestRules
{
    public static void Check(GenerationRequest request, int vocabulary)
    {
        var prompts = (request.Messages is null ? 0 : 1) + (request.Prompt is null ? 0 : 1) + (request.PromptTokens is null ? 0 : 1);
        if (prompts != 1)
            throw new GenerationRejectedException(GenerationRejection.PromptAmbiguous, $"A request has one prompt; this one has {prompts}.");
        CheckTokens(request.PromptTokens ?? [], "prompt", vocabulary);
        CheckTokens(request.ResumeFrom, "resume_from", vocabulary);
        CheckTokens(request.Sampling.LogitBias.Keys, "logit_bias", vocabulary);
        Range("max_tokens", request.MaxTokens ?? 0, 0, int.MaxValue);
        Range("min_tokens", request.MinTokens, 0, int.MaxValue);
        Range("top_logprobs", request.TopLogprobs ?? 0, 0, EngineLimits.TopLogprobsMax);
        Range("prompt_logprobs", request.PromptLogprobs ?? 0, 0, EngineLimits.TopLogprobsMax);
        Range("stop", request.Stop.Count, 0, EngineLimits.StopTextsMax);
        foreach (var text in request.Stop)
            Range("stop (length)", text.Length, 1, TextLimits.StopStringCharsMax);
        CheckSampling(request.Sampling);
    }

    private static void CheckSampling(SamplingOptions sampling)
    {
        Range("temperature", sampling.Temperature, 0, 100);
        Range("top_p", sampling.TopP, 0, 1);
        Range("top_k", sampling.TopK, 0, int.MaxValue);
        Range("min_p", sampling.MinP, 0, 1);
        Range("presence_penalty", sampling.PresencePenalty, -2, 2);
        Range("frequency_penalty", sampling.FrequencyPenalty, -2, 2);
        Range("repetition_penalty", sampling.RepetitionPenalty, 0.01f, 100);
        Range("choice", sampling.Choice, 0, int.MaxValue);
        foreach (var (_, bias) in sampling.LogitBias)
            Range("logit_bias", bias, -100, 100);
    }

    /// <summary>Refuses ids outside the vocabulary.</summary>
    public static void CheckTokens(IEnumerable<int> tokens, string name, int vocabulary)
    {
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                throw new GenerationRejectedException(
                    GenerationRejection.TokenOutOfRange, $"{name} has token {token}; the vocabulary goes from 0 to {vocabulary - 1}.");
            }
        }
    }

    /// <summary>A NaN is in no range.</summary>
    private static void Range(string name, float value, float min, float max)
    {
        if (!(value >= min && value <= max))
            throw OutOfRange(name, value, min, max);
    }

    private static void Range(string name, int value, int min, int max)
    {
        if (value < min || value > max)
            throw OutOfRange(name, value, min, max);
    }

    private static GenerationRejectedException OutOfRange(string name, object value, object min, object max) => new(
        GenerationRejection.OptionOutOfRange,
        FormattableString.Invariant($"{name} is {value}; {min} to {max} are allowed."));
}
