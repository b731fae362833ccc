using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Testing.Nodes;

/// <summary>The usual scripts.</summary>
public static class Scripts
{
    /// <summary>Tokens that every scripted prompt is said to have.</summary>
    public const uint PromptTokens = 7;

    /// <summary>Says the pieces, one token each, in every choice, and stops.</summary>
    public static Script Answer(params string[] pieces) => run => AnswerAsync(run, pieces, gated: false);

    /// <summary>As <see cref="Answer"/>, but waits for a permit before each piece and before the end.</summary>
    public static Script AnswerWhenPermitted(params string[] pieces) => run => AnswerAsync(run, pieces, gated: true);

    /// <summary>Says the pieces, then never goes on by itself: only a cancellation ends it.</summary>
    public static Script AnswerThenHang(params string[] pieces) => async run =>
    {
        foreach (var piece in pieces)
            await run.EmitAsync(piece);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, run.Token);
        throw new OperationCanceledException(run.Token);
    };

    /// <summary>Says the pieces and then fails.</summary>
    public static Script Fail(RunFailure failure, params string[] pieces) => async run =>
    {
        foreach (var piece in pieces)
            await run.EmitAsync(piece);
        return RunResult.Failed(failure);
    };

    /// <summary>Says the pieces and then throws, as a runtime with a bug would.</summary>
    public static Script Throw(Exception exception, params string[] pieces) => async run =>
    {
        foreach (var piece in pieces)
            await run.EmitAsync(piece);
        throw exception;
    };

    /// <summary>Emits exactly these events; their last one for each choice should be a ChoiceDone.</summary>
    public static Script Events(Usage usage, params Event[] events) => async run =>
    {
        foreach (var item in events)
            await run.EmitAsync(item.Clone());
        return RunResult.Completed(usage);
    };

    /// <summary>As a benchmark wants it: this many tokens of one word, without a wait.</summary>
    public static Script Tokens(int count, string word = " word") => Answer([.. Enumerable.Repeat(word, count)]);

    private static async Task<RunResult> AnswerAsync(ScriptedRun run, string[] pieces, bool gated)
    {
        await run.EmitAsync(new Event { PromptReady = new PromptReady { PromptTokens = PromptTokens } });
        // What fits max_tokens, as a real model would have it.
        var count = (int)Math.Min(pieces.Length, run.Request.Shape.OutputUnitsMax / run.Request.Choices);
        for (var i = 0; i < count; i++)
        {
            if (gated)
                await run.WaitAsync();
            for (uint choice = 0; choice < run.Request.Choices; choice++)
                await run.EmitAsync(new Event { Choice = choice, TokenCount = 1, Text = new Text { Text_ = pieces[i] } });
        }

        if (gated)
            await run.WaitAsync();
        var finish = count < pieces.Length ? ChoiceDone.Types.Finish.Length : ChoiceDone.Types.Finish.Stop;
        for (uint choice = 0; choice < run.Request.Choices; choice++)
            await run.EmitAsync(new Event { Choice = choice, ChoiceDone = new ChoiceDone { Finish = finish } });
        return RunResult.Completed(new Usage { PromptTokens = PromptTokens, CompletionTokens = run.Tokens });
    }
}
