using System.Threading.Channels;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Scheduling;

/// <summary>A completion on its way: samples, parses, commits to the trace, tells its caller.</summary>
internal sealed class GenerationSequence : Sequence
{
    private readonly GenerationPlan _plan;
    private readonly ITokenizer _tokenizer;
    private readonly KernelSet _kernels;
    private readonly SamplingScratch _scratch;
    private readonly Sampler _sampler;
    private readonly OutputParser _parser;
    private readonly TraceChain _trace;
    private readonly FormFollower? _form;
    private readonly List<OutputPiece> _pieces = [];
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>();

    private FinishReason? _endOfReplay;
    private int _logitRow = -1;
    private int _promptRow;
    private int _promptCount;
    private int _hiddenRow = -1;
    private int _hiddenFirst;
    private int _hiddenCount;
    private int _thoughtTokens;

    public GenerationSequence(GenerationPlan plan, ITokenizer tokenizer, KernelSet kernels, SamplingScratch scratch, TraceChain trace)
        : base([.. plan.Prompt, .. plan.Resumed], plan.Prompt.Length + plan.CompletionMax, plan.Request.PrefixSalt, plan.Request.PromptLogprobs is null ? plan.Prompt.Length - 1 : 0)
    {
        (_plan, _tokenizer, _kernels, _scratch, _trace) = (plan, tokenizer, kernels, scratch, trace);
        var options = plan.Request.Sampling;
        _sampler = new Sampler(options, new Penalties(options, plan.Prompt), kernels, scratch);
        _parser = plan.Output;
        _form = plan.Form is null ? null : new FormFollower(plan.Form);
        Replay();
        if (plan.Request.PromptLogprobs is not null)
            _events.Writer.TryWrite(new PromptTokens(0, [new TokenOutput(Tokens[0], tokenizer.BytesOf(Tokens[0]), 0, null)]));
    }

    /// <summary>What happened, in order. Not a single-reader channel: that kind cannot count what is unread.</summary>
    public ChannelReader<GenerationEvent> Events => _events.Reader;

    public override bool IsPaused => _events.Reader.Count > EngineLimits.EventsUnreadMax;

    private int PromptLength => _plan.Prompt.Length;

    private int CompletionLength => Tokens.Count - PromptLength;

    public override int LogitsAhead => _plan.Request.PromptLogprobs is null ? 0 : Math.Max(0, PromptLength - 1 - Computed);

    public override void WantLogits(StepBatch batch)
    {
        _promptCount = Math.Min(InBatch, LogitsAhead);
        for (var index = 0; index < _promptCount; index++)
        {
            var row = batch.WantLogits(FirstInBatch + index);
            _promptRow = index == 0 ? row : _promptRow;
        }

        _logitRow = CatchesUp && _endOfReplay is null ? batch.WantLogits(FirstInBatch + InBatch - 1) : -1;
    }

    /// <summary>Of every token whose successor is known and generated: the trace commits to the state that it came from.</summary>
    public override void WantHidden(StepBatch batch)
    {
        _hiddenFirst = Math.Max(Computed, PromptLength - 1);
        _hiddenCount = Math.Max(0, Math.Min(Computed + InBatch, Tokens.Count - 1) - _hiddenFirst);
        for (var index = 0; index < _hiddenCount; index++)
        {
            var row = batch.WantHidden(FirstInBatch + _hiddenFirst - Computed + index);
            _hiddenRow = index == 0 ? row : _hiddenRow;
        }
    }

    public override void Fail(Exception exception)
    {
        IsDone = true;
        _events.Writer.TryComplete(exception as GenerationFailedException
            ?? new GenerationFailedException(GenerationFailure.Internal, "A sequence failed.", exception));
    }

    protected override void Absorb(Transformer model)
    {
        if (_promptCount > 0)
            TellPrompt(model);
        for (var index = 0; index < _hiddenCount; index++)
        {
            var position = _hiddenFirst + index + 1;
            _trace.Append(position, Tokens[position], Finite(model.Hidden(_hiddenRow + index)));
        }

        if (_logitRow >= 0)
            Generate(Finite(model.Hidden(_logitRow)), model.Logits(_logitRow));
        else if (_endOfReplay is { } reason && Computed + InBatch >= Tokens.Count - 1)
            Finish(reason);
    }

    private void TellPrompt(Transformer model)
    {
        var tokens = new TokenOutput[_promptCount];
        for (var index = 0; index < tokens.Length; index++)
        {
            var token = Tokens[Computed + index + 1];
            var logits = Finite(model.Logits(_promptRow + index));
            tokens[index] = Logprobs.Describe(token, logits, _plan.Request.PromptLogprobs!.Value, _tokenizer, _kernels, _scratch) with { Rank = Logprobs.Rank(token, logits) };
        }

        _events.Writer.TryWrite(new PromptTokens(Computed + 1, tokens));
    }

    /// <summary>Puts parser and penalties into the state that they had after the resumed tokens.</summary>
    private void Replay()
    {
        foreach (var token in _plan.Resumed)
        {
            if (_endOfReplay is not null || Ends(token))
                throw AlreadyFinished();
            _sampler.Accept(token);
            if (!Parse(token))
                _endOfReplay = FinishReason.Stop;
        }

        _pieces.Clear();
        _thoughtTokens = 0;
        if (CompletionLength == _plan.CompletionMax)
            _endOfReplay ??= FinishReason.Length;
    }

    /// <summary>The tags around a thought count as thought.</summary>
    private bool Parse(int token)
    {
        var wasThinking = _parser.IsThinking;
        var goesOn = _parser.Accept(token, _pieces);
        _thoughtTokens += wasThinking || _parser.IsThinking ? 1 : 0;
        return goesOn;
    }

    /// <summary>Nothing can follow what a form calls complete, so there the end cannot be ignored.</summary>
    private bool Ends(int token) => _tokenizer.IsEndOfGeneration(token) && (!_plan.Request.IgnoreEos || _form is not null);

    private static GenerationRejectedException AlreadyFinished() => new(
        GenerationRejection.ResumeAlreadyFinished,
        "resume_from goes on behind the end of the completion: it holds an end-of-turn token or text behind a stop text.");

    private void Generate(ReadOnlySpan<float> hidden, ReadOnlySpan<float> logits)
    {
        CheckFinite(logits);
        var position = Tokens.Count;
        var token = _sampler.Sample(logits, position, _form is null ? default : _form.Allowed(Tokens, PromptLength));
        _trace.Append(position, token, hidden);
        if (Ends(token))
        {
            Finish(FinishReason.Stop);
            return;
        }

        Tokens.Add(token);
        _sampler.Accept(token);
        var goesOn = Parse(token);
        Tell(_plan.Request.TopLogprobs is { } top
            ? Logprobs.Describe(token, logits, top, _tokenizer, _kernels, _scratch)
            : new TokenOutput(token, _tokenizer.BytesOf(token), 0, null));
        if (!goesOn)
            Finish(FinishReason.Stop);
        else if (CompletionLength == _plan.CompletionMax)
            Finish(FinishReason.Length);
    }

    /// <summary>One event per piece; the token goes with the first, or with an empty text if nothing is certain yet.</summary>
    private void Tell(params ReadOnlySpan<TokenOutput> outputs)
    {
        TokenOutput[] tokens = [.. outputs];
        if (_pieces.Count == 0 && tokens.Length > 0)
            _events.Writer.TryWrite(new TextDelta("", tokens));
        foreach (var piece in _pieces)
        {
            _events.Writer.TryWrite(piece.CallIndex switch
            {
                OutputPiece.Answer => new TextDelta(piece.Text, tokens),
                OutputPiece.Thought => new ReasoningDelta(piece.Text, tokens),
                _ => new ToolCallDelta(piece.CallIndex, piece.Name, piece.Text, tokens),
            });
            tokens = [];
        }

        _pieces.Clear();
    }

    private void Finish(FinishReason reason)
    {
        _parser.Finish(_pieces);
        Tell();
        if (reason == FinishReason.Stop && !_parser.IsStopped && _parser.ToolCallCount > 0)
            reason = FinishReason.ToolCalls;
        var stopText = reason == FinishReason.Stop ? _parser.StopText : null;
        _events.Writer.TryWrite(new Finished(reason, PromptLength, CompletionLength, Adopted, _trace.Root, stopText) { ReasoningTokens = _thoughtTokens });
        _events.Writer.TryComplete();
        IsDone = true;
    }

    private ReadOnlySpan<float> Finite(ReadOnlySpan<float> values)
    {
        CheckFinite(values);
        return values;
    }

    private void CheckFinite(ReadOnlySpan<float> values)
    {
        if (!_kernels.IsFinite(values))
            throw new GenerationFailedException(GenerationFailure.NotFinite, "The model computed a value that is infinite or no number.");
    }
}
