using Flotilla.Engine.Chat;

namespace Flotilla.Engine.Scheduling;

/// <summary>Makes events of the tokens of one completion, on its caller's thread.</summary>
internal sealed class AnswerReader(GenerationPlan plan)
{
    private readonly OutputParser _parser = plan.Output;
    private readonly List<OutputPiece> _pieces = [];
    private readonly List<GenerationEvent> _events = [];
    private readonly List<TokenOutput> _prompt = [];
    private int _promptTold;
    private int _thoughtTokens;

    /// <summary>Takes a token that was told before.</summary>
    public void Replay(int token)
    {
        _parser.Accept(token, _pieces);
        _pieces.Clear();
    }

    /// <summary>
    /// One event per piece of text; the token goes with the first, or with an empty text if nothing is certain yet. The prompt's tokens, which come
    /// first where they were asked for, some at a time. Valid until the next call.
    /// </summary>
    public List<GenerationEvent> Read(TokenOutput token)
    {
        if (plan.Request.PromptLogprobs is not null && _promptTold < plan.Prompt.Length)
            return ReadPrompt(token);
        // The tags around a thought count as thought.
        var wasThinking = _parser.IsThinking;
        _parser.Accept(token.Id, _pieces);
        _thoughtTokens += wasThinking || _parser.IsThinking ? 1 : 0;
        Tell([token]);
        return _events;
    }

    /// <summary>What was held back, and the last event.</summary>
    public List<GenerationEvent> Finish(GenerationEnd end)
    {
        _parser.Finish(_pieces);
        Tell([]);
        var reason = end.Reason == FinishReason.Stop && !_parser.IsStopped && _parser.ToolCallCount > 0 ? FinishReason.ToolCalls : end.Reason;
        var stopText = reason == FinishReason.Stop ? _parser.StopText : null;
        _events.Add(new Finished(reason, plan.Prompt.Length, end.CompletionTokens, end.CachedTokens, end.TraceRoot, stopText)
        {
            ReasoningTokens = _thoughtTokens, GuessedTokens = end.GuessedTokens, GuessedRight = end.GuessedRight,
        });
        return _events;
    }

    private List<GenerationEvent> ReadPrompt(TokenOutput token)
    {
        _events.Clear();
        _prompt.Add(token);
        _promptTold++;
        if (_prompt.Count == EngineLimits.PromptLogitsMax || _promptTold == plan.Prompt.Length)
        {
            _events.Add(new PromptTokens(_promptTold - _prompt.Count, [.. _prompt]));
            _prompt.Clear();
        }

        return _events;
    }

    private void Tell(TokenOutput[] tokens)
    {
        _events.Clear();
        if (_pieces.Count == 0 && tokens.Length > 0)
            _events.Add(new TextDelta("", tokens));
        foreach (var piece in _pieces)
        {
            _events.Add(piece.CallIndex switch
            {
                OutputPiece.Answer => new TextDelta(piece.Text, tokens),
                OutputPiece.Thought => new ReasoningDelta(piece.Text, tokens),
                _ => new ToolCallDelta(piece.CallIndex, piece.Name, piece.Text, tokens),
            });
            tokens = [];
        }

        _pieces.Clear();
    }
}
