using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.Jobs;

/// <summary>Holds what is said of a job's prompts against its request: how many they are, and their tokens where it asks for these.</summary>
/// <param name="shape">What the request allows.</param>
internal sealed class PromptRules(JobShape shape)
{
    private readonly uint[] _expected = new uint[shape.PromptLogprobs is null ? 0 : shape.Inputs];
    private readonly uint[] _told = new uint[shape.PromptLogprobs is null ? 0 : shape.Inputs];
    private int _ready;
    private long _logprobs;

    /// <summary>One more prompt is ready.</summary>
    public string? Ready(uint choice)
    {
        if (++_ready > shape.Inputs)
            return $"a prompt_ready too many; the request has {shape.Inputs} inputs";
        return _expected.Length > 0 && choice % shape.ChoicesPerInput != 0 ? $"a prompt_ready of choice {choice}, which is not the first of its prompt" : null;
    }

    /// <summary>Notes how many tokens a prompt has, of which all are to come.</summary>
    public string? Expect(Event item)
    {
        if (_expected.Length == 0)
            return null;
        ref var expected = ref _expected[item.Choice / shape.ChoicesPerInput];
        if (expected > 0 || item.PromptReady.PromptTokens == 0)
            return "a prompt_ready that is empty or comes twice";
        expected = item.PromptReady.PromptTokens;
        _logprobs += shape.LogprobsOf(expected);
        return _logprobs > LinkLimits.PromptLogprobsMax ? $"{_logprobs} log probabilities of prompts; the limit is {LinkLimits.PromptLogprobsMax}" : null;
    }

    /// <summary>Whether tokens of the choice's prompt are still to come.</summary>
    public bool IsDue(uint choice)
    {
        if (_expected.Length == 0)
            return false;
        var input = choice / shape.ChoicesPerInput;
        return _expected[input] == 0 || _told[input] < _expected[input];
    }

    /// <summary>Takes in tokens of a prompt.</summary>
    public string? Tell(Event item)
    {
        if (_expected.Length == 0)
            return "tokens of a prompt, for which the request does not ask";
        if (item.Choice % shape.ChoicesPerInput != 0 || item.TokenCount > 0)
            return "tokens of a prompt that belong to no first choice, or count as output";
        var (input, tokens) = (item.Choice / shape.ChoicesPerInput, item.PromptTokens.Tokens);
        if (item.PromptTokens.Position != _told[input] || tokens.Count == 0 || (long)_told[input] + tokens.Count > _expected[input])
            return $"{tokens.Count} tokens of a prompt from position {item.PromptTokens.Position} where {_told[input]} of {_expected[input]} were told";
        for (var index = 0; index < tokens.Count; index++)
        {
            var isFirst = _told[input] + index == 0;
            if (tokens[index].HasLogprob == isFirst || tokens[index].Rank > 0 == isFirst || tokens[index].Top.Count > (isFirst ? 0 : shape.PromptLogprobs))
                return $"token {_told[input] + index} of a prompt with {tokens[index].Top.Count} alternatives, {(tokens[index].HasLogprob ? "with" : "without")} a logprob";
        }

        _told[input] += (uint)tokens.Count;
        return null;
    }
}
