using System.Runtime.InteropServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Chat;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Scheduling;

/// <summary>A completion on its way: samples, commits to the trace, finds its end, hands out tokens.</summary>
internal sealed class GenerationSequence : Sequence
{
    private readonly GenerationPlan _plan;
    private readonly ITokenizer _tokenizer;
    private readonly KernelSet _kernels;
    private readonly SamplingScratch _scratch;
    private readonly Sampler _sampler;
    private readonly TraceChain _trace;
    private readonly FormFollower? _form;
    private readonly PromptLookup _lookup;
    private readonly int[] _guesses;

    // Both null where no text can end the completion: then nobody but its reader needs to know what the tokens say.
    private readonly VisibleText? _text;
    private readonly StopMatcher? _stops;

    private FinishReason? _endOfReplay;
    private int _guessed;
    private int _logitRow = -1;
    private int _promptFirst;
    private int _promptRow;
    private int _promptCount;
    private int _hiddenRow = -1;
    private int _hiddenFirst;
    private int _hiddenCount;

    /// <param name="plan">What is asked for.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="kernels">The vector width.</param>
    /// <param name="scratch">Memory for sampling, the loop's.</param>
    /// <param name="trace">The trace, at its beginning.</param>
    /// <param name="guessesMax">Tokens that may be guessed at once.</param>
    public GenerationSequence(GenerationPlan plan, ITokenizer tokenizer, KernelSet kernels, SamplingScratch scratch, TraceChain trace, int guessesMax)
        : base([.. plan.Prompt, .. plan.Resumed], plan.Prompt.Length + plan.CompletionMax, plan.Request.PrefixSalt, plan.Request.PromptLogprobs is null ? plan.Prompt.Length - 1 : 0)
    {
        (_plan, _tokenizer, _kernels, _scratch, _trace) = (plan, tokenizer, kernels, scratch, trace);
        var options = plan.Request.Sampling;
        _sampler = new Sampler(options, new Penalties(options, plan.Prompt), kernels, scratch);
        _form = plan.Form;
        _guesses = new int[plan.Request.MayGuess ? guessesMax : 0];
        _lookup = new PromptLookup(_guesses.Length);
        if (plan.Request.Stop.Count > 0)
            (_text, _stops) = (new VisibleText(plan.Output.Tokens), new StopMatcher(plan.Request.Stop));
        Reader = new AnswerReader(plan);
        Output = new TokenQueue(tokenizer, Math.Max(plan.Request.TopLogprobs ?? 0, plan.Request.PromptLogprobs ?? 0));
        Replay();
        if (plan.Request.PromptLogprobs is not null)
            Output.Add(Tokens[0]);
    }

    /// <summary>The tokens, in order: the prompt's where they are asked for, then the completion's.</summary>
    public TokenQueue Output { get; }

    /// <summary>Makes events of them.</summary>
    public AnswerReader Reader { get; }

    /// <summary>How it ended; null before <see cref="Output"/> is complete, and where it failed.</summary>
    public GenerationEnd? Ending { get; private set; }

    public override bool IsPaused => Output.Count > EngineLimits.EventsUnreadMax;

    public override bool HasCaughtUp => Output.Count <= EngineLimits.EventsUnreadReturn;

    private int PromptLength => _plan.Prompt.Length;

    private int CompletionLength => Tokens.Count - PromptLength;

    public override void Begin(KvPool pool)
    {
        base.Begin(pool);
        _sampler.Prepare(TokensMax);
    }

    public override int LogitsWithin(int count) =>
        _plan.Request.PromptLogprobs is null ? 0 : Math.Max(0, Math.Min(Computed + count, PromptLength - 1) - Math.Max(Computed, Absorbed));

    public override int EnterGuesses(StepBatch batch, int most)
    {
        // The last token of a completion is drawn and never computed.
        var room = Math.Min(Math.Min(most, _guesses.Length), TokensMax - Tokens.Count - 1);
        if (_endOfReplay is not null || room <= 0)
            return 0;
        var found = _lookup.Guess(CollectionsMarshal.AsSpan(Tokens), _guesses.AsSpan(0, room));
        _guessed = found == 0 ? 0 : Cache!.Extend(Tokens.Count + found) - Tokens.Count;
        for (var index = 0; index < _guessed; index++)
            batch.Add(_guesses[index], Tokens.Count + index, Cache!);
        return _guessed;
    }

    public override void WantLogits(StepBatch batch)
    {
        _promptFirst = Math.Max(Computed, Absorbed);
        _promptCount = LogitsWithin(InBatch);
        for (var index = 0; index < _promptCount; index++)
        {
            var row = batch.WantLogits(FirstInBatch + _promptFirst - Computed + index);
            _promptRow = index == 0 ? row : _promptRow;
        }

        _logitRow = -1;
        if (!CatchesUp || _endOfReplay is not null)
            return;
        _logitRow = batch.WantLogits(FirstInBatch + InBatch - 1);
        for (var index = 0; index < _guessed; index++)
            batch.WantLogits(FirstInBatch + InBatch + index);
    }

    /// <summary>Of every token whose successor is known and generated: the trace commits to the state that it came from.</summary>
    public override void WantHidden(StepBatch batch)
    {
        _hiddenFirst = Math.Max(Math.Max(Computed, Absorbed), PromptLength - 1);
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
        Output.Complete(FailureOf(exception));
    }

    protected override int Absorb(Transformer model)
    {
        if (_promptCount > 0)
            TellPrompt(model);
        for (var index = 0; index < _hiddenCount; index++)
        {
            var position = _hiddenFirst + index + 1;
            _trace.Append(position, Tokens[position], Finite(model.Hidden(_hiddenRow + index)));
        }

        var right = 0;
        if (_logitRow >= 0)
            right = Generate(model);
        else if (_endOfReplay is { } reason && Computed + InBatch >= Tokens.Count - 1)
            Finish(reason);
        return right;
    }

    private void TellPrompt(Transformer model)
    {
        for (var index = 0; index < _promptCount; index++)
        {
            var token = Tokens[_promptFirst + index + 1];
            var logits = Finite(model.Logits(_promptRow + index));
            Describe(token, logits, _plan.Request.PromptLogprobs!.Value, Logprobs.Rank(token, logits));
        }
    }

    private void Describe(int token, ReadOnlySpan<float> logits, int count, int rank)
    {
        var top = _scratch.Likeliest.AsSpan(0, Math.Min(count, logits.Length));
        Output.Add(token, Logprobs.Describe(token, logits, top, _kernels, _scratch), rank, top);
    }

    /// <summary>Puts penalties, stop texts and reader into the state that they had after the resumed tokens.</summary>
    private void Replay()
    {
        foreach (var token in _plan.Resumed)
        {
            if (_endOfReplay is not null || Ends(token))
                throw AlreadyFinished();
            _sampler.Accept(token);
            Reader.Replay(token);
            if (IsStoppedBy(token))
                _endOfReplay = FinishReason.Stop;
        }

        if (CompletionLength == _plan.CompletionMax)
            _endOfReplay ??= FinishReason.Length;
    }

    private bool IsStoppedBy(int token)
    {
        _stops?.Accept(_text!.Decode(token), null);
        return _stops is { IsStopped: true };
    }

    /// <summary>Nothing can follow what a form calls complete, so there the end cannot be ignored.</summary>
    private bool Ends(int token) => _tokenizer.IsEndOfGeneration(token) && (!_plan.Request.IgnoreEos || _form is not null);

    private static GenerationRejectedException AlreadyFinished() => new(
        GenerationRejection.ResumeAlreadyFinished,
        "resume_from goes on behind the end of the completion: it holds an end-of-turn token or text behind a stop text.");

    /// <summary>
    /// Draws tokens for as long as the batch knew them: the one that follows all known tokens, and behind each guess that is what
    /// was drawn, the next. What stands behind the first wrong guess nobody looks at.
    /// </summary>
    private int Generate(Transformer model)
    {
        var (right, guessed) = (0, _guessed);
        _guessed = 0;
        while (true)
        {
            var token = Draw(model.Hidden(_logitRow + right), model.Logits(_logitRow + right));
            if (right == guessed || token != _guesses[right])
                break;
            right++;
            if (IsDone)
                break;
        }

        if (guessed > 0)
            _lookup.Learn(guessed, right);
        return IsDone ? 0 : right;
    }

    private int Draw(ReadOnlySpan<float> hidden, ReadOnlySpan<float> logits)
    {
        CheckFinite(hidden);
        CheckFinite(logits);
        var position = Tokens.Count;
        ReadOnlySpan<ulong> allowed = _form is null ? default : _form.Allowed(Tokens, PromptLength);
        var token = _sampler.Sample(logits, position, CompletionLength < _plan.Request.MinTokens ? _scratch.WithoutEnds(allowed) : allowed);
        _trace.Append(position, token, hidden);
        if (Ends(token))
        {
            Finish(FinishReason.Stop);
            return token;
        }

        Tokens.Add(token);
        _sampler.Accept(token);
        if (_plan.Request.TopLogprobs is { } top)
            Describe(token, logits, top, rank: 0);
        else
            Output.Add(token);
        if (IsStoppedBy(token))
            Finish(FinishReason.Stop);
        else if (CompletionLength == _plan.CompletionMax)
            Finish(FinishReason.Length);
        return token;
    }

    private void Finish(FinishReason reason)
    {
        Ending = new GenerationEnd(reason, CompletionLength, Adopted, _trace.Root, _lookup.Guessed, _lookup.Right);
        Output.Complete();
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
