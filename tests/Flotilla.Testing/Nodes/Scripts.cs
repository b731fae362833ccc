using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;

namespace Flotilla.Testing.Nodes;

/// <summary>The usual scripts.</summary>
public static class Scripts
{
    /// <summary>Bytes of one event of a scripted video.</summary>
    public const int VideoPieceBytes = 31 * 1024;

    /// <summary>Tokens that every scripted prompt is said to have.</summary>
    public const uint PromptLength = 7;

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

    /// <summary>Answers jobs about inputs: vectors that tell their index, scores that fall with it, and a verdict against every text with "kill" in it.</summary>
    public static Script Inputs => async run =>
    {
        for (var choice = 0; choice < run.Request.Choices; choice++)
            await run.EmitAsync(About(run.Request, choice));
        return RunResult.Completed(new Usage { PromptTokens = PromptLength * (uint)run.Request.Choices });
    };

    /// <summary>Answers jobs of every kind: text, inputs, and sound and pictures of a few bytes.</summary>
    public static Script Everything => run => run.Request.Work switch
    {
        TextRequest => Answer("Hello", ",", " world", "!")(run),
        SpeechRequest => MediaAsync(run, unitsEach: 0),
        ImageRequest => MediaAsync(run, unitsEach: 1),
        TranscriptionRequest => TranscriptAsync(run),
        CountRequest => Events(
            new Usage { PromptTokens = PromptLength },
            new Event { PromptReady = new PromptReady { PromptTokens = PromptLength } },
            new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } })(run),
        VideoRequest => Video()(run),
        FramesRequest => Frames()(run),
        _ => Inputs(run),
    };

    /// <summary>Makes a video.</summary>
    /// <param name="file">Its bytes; one that plays as long as was asked for by default.</param>
    /// <param name="seconds">What it is said to be; as many as were asked for by default.</param>
    /// <param name="gatedAfter">Bytes after which it waits for a permit; never by default.</param>
    public static Script Video(byte[]? file = null, uint? seconds = null, int gatedAfter = int.MaxValue) => async run =>
    {
        var asked = ((VideoRequest)run.Request.Work).Seconds;
        var bytes = file ?? Mp4Sample.Of(asked);
        for (var at = 0; at < bytes.Length; at += VideoPieceBytes)
        {
            if (at >= gatedAfter)
                await run.WaitAsync();
            await run.EmitAsync(new Event { Media = new Media { Data = ByteString.CopyFrom(bytes.AsSpan(at, Math.Min(VideoPieceBytes, bytes.Length - at))) } });
        }

        await run.EmitAsync(new Event { TokenCount = seconds ?? asked, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        return RunResult.Completed(new Usage { CompletionTokens = seconds ?? asked });
    };

    /// <summary>Takes frames.</summary>
    /// <param name="pictures">As many as there are, of those that were asked for; one small picture each by default.</param>
    public static Script Frames(params byte[][] pictures) => async run =>
    {
        var count = pictures.Length == 0 ? run.Request.Choices : Math.Min(pictures.Length, run.Request.Choices);
        for (var choice = 0; choice < run.Request.Choices; choice++)
        {
            if (choice < count)
                await run.EmitAsync(new Event { Choice = (uint)choice, Media = new Media { Data = ByteString.CopyFrom(pictures.Length == 0 ? Pictures.Jpeg(16, 16) : pictures[choice]) } });
            await run.EmitAsync(new Event { Choice = (uint)choice, TokenCount = choice < count ? 1u : 0, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        }

        return RunResult.Completed(new Usage { CompletionTokens = (uint)count });
    };

    /// <summary>As a benchmark wants it: this many tokens of one word, without a wait.</summary>
    public static Script Tokens(int count, string word = " word") => Answer([.. Enumerable.Repeat(word, count)]);

    private static Event About(RunRequest request, int choice)
    {
        var item = new Event { Choice = (uint)choice };
        switch (request.Work)
        {
            case EmbedRequest:
                var values = new float[request.Shape.Dimensions > 0 ? request.Shape.Dimensions : 4];
                values[0] = choice + 0.5f;
                values[^1] = -1;
                item.Vector = new Vector { Values = ByteString.CopyFrom(Float32.Bytes(values)) };
                break;
            case RerankRequest:
                item.Score = new Score { Relevance = 1f / (choice + 1) };
                break;
            case ModerateRequest moderate:
                var harmful = moderate.Inputs[choice].Contains("kill", StringComparison.Ordinal);
                item.Verdict = new Verdict { Flagged = harmful, Categories = harmful ? ModerationCategories.Bit("violence") : 0 };
                item.Verdict.Scores.AddRange(ModerationCategories.Names.Select(n => harmful && n == "violence" ? 0.75f : 0));
                break;
        }

        return item;
    }

    private static async Task<RunResult> MediaAsync(ScriptedRun run, uint unitsEach)
    {
        for (uint choice = 0; choice < run.Request.Choices; choice++)
        {
            await run.EmitAsync(new Event { Choice = choice, Media = new Media { Data = ByteString.CopyFromUtf8("media") } });
            await run.EmitAsync(new Event { Choice = choice, TokenCount = unitsEach, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        }

        return RunResult.Completed(new Usage { PromptTokens = (uint)run.Request.Shape.InputUnitsMax, CompletionTokens = run.Tokens });
    }

    private static async Task<RunResult> TranscriptAsync(ScriptedRun run)
    {
        await run.EmitAsync(new Event { Segment = new Segment { StartMs = 0, EndMs = 500, Text = "Hello", Words = { new Word { StartMs = 0, EndMs = 500, Text = "Hello" } } } });
        await run.EmitAsync(new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } });
        return RunResult.Completed(new Usage { PromptTokens = 1 });
    }

    private static async Task<RunResult> AnswerAsync(ScriptedRun run, string[] pieces, bool gated)
    {
        var prompts = await TellPromptsAsync(run);
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
        return RunResult.Completed(new Usage { PromptTokens = PromptLength * prompts, CompletionTokens = run.Tokens });
    }

    /// <summary>Says that a prompt is ready, and of each its tokens where they are asked for; answers how many were ready.</summary>
    private static async Task<uint> TellPromptsAsync(ScriptedRun run)
    {
        var shape = run.Request.Shape;
        var prompts = shape.PromptLogprobs is null ? 1 : (uint)shape.Inputs;
        for (uint prompt = 0; prompt < prompts; prompt++)
        {
            var choice = prompt * (uint)shape.ChoicesPerInput;
            await run.EmitAsync(new Event { Choice = choice, PromptReady = new PromptReady { PromptTokens = PromptLength } });
            if (shape.PromptLogprobs is not { } alternatives)
                continue;
            foreach (var positions in Enumerable.Range(0, (int)PromptLength).Chunk(4))
            {
                var item = new Event { Choice = choice, PromptTokens = new PromptTokens { Position = (uint)positions[0] } };
                item.PromptTokens.Tokens.Add(positions.Select(position => PromptToken(position, alternatives)));
                await run.EmitAsync(item);
            }
        }

        return prompts;
    }

    /// <summary>A token of one letter, a, b, …, with ids from 100, everywhere the second likeliest.</summary>
    private static TokenOutput PromptToken(int position, int alternatives)
    {
        var token = new TokenOutput { Id = 100 + (uint)position, Bytes = ByteString.CopyFromUtf8(((char)('a' + position)).ToString()) };
        if (position == 0)
            return token;
        (token.Logprob, token.Rank) = (-2, 2);
        TokenAlternative[] top = [new() { Id = 1, Logprob = -0.5f, Bytes = ByteString.CopyFromUtf8("!") }, new() { Id = token.Id, Logprob = -2, Bytes = token.Bytes }];
        token.Top.Add(top.Take(alternatives));
        return token;
    }
}
