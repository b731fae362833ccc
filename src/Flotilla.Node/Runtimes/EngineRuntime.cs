using System.Security.Cryptography;
using Flotilla.Engine;
using Flotilla.Protocol.Link;
using FinishOnLink = Flotilla.Protocol.Link.ChoiceDone.Types.Finish;

namespace Flotilla.Node.Runtimes;

/// <summary>Runs one model file in the built-in engine. Every choice of a job is a sequence of its own; the engine batches them.</summary>
public sealed class EngineRuntime : IRuntime, IAsyncDisposable
{
    private readonly InferenceEngine _engine;
    private readonly int _parallel;
    private readonly RuntimeState _state;

    /// <summary>A runtime around an engine, which it owns from now on.</summary>
    /// <param name="engine">A loaded engine.</param>
    /// <param name="name">The model's name for clients; null: the file's own.</param>
    public EngineRuntime(InferenceEngine engine, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _parallel = engine.Load.SequencesMax;
        _state = new RuntimeState([Offer(engine.Model, name ?? Printable(engine.Model.Name))]);
    }

    /// <inheritdoc />
    public string Kind => "engine";

    /// <inheritdoc />
    public Task<RuntimeState> ProbeAsync(CancellationToken ct) => Task.FromResult(_state);

    /// <inheritdoc />
    public async Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct)
    {
        try
        {
            return job.Work switch
            {
                TextRequest work => await GenerateAsync(job, work, output, ct),
                EmbedRequest work => await EngineReadings.EmbedAsync(_engine, _parallel, work, output, ct),
                RerankRequest work => await EngineReadings.RankAsync(_engine, _parallel, work, output, ct),
                CountRequest work => await CountAsync(work, output, ct),
                _ => throw new NotSupportedException($"The engine does no jobs of kind {job.Kind.Number}."),
            };
        }
        catch (GenerationRejectedException rejected)
        {
            return RunResult.Failed(EngineFailures.From(rejected, job.Work));
        }
        catch (RunRefusedException refused)
        {
            return RunResult.Failed(refused.Failure);
        }
        catch (GenerationFailedException failed)
        {
            return RunResult.Failed(new RunFailure(Failed.Types.Code.Runtime, failed.Message, Retryable: false));
        }
    }

    private async Task<RunResult> GenerateAsync(RunRequest job, TextRequest work, IRunOutput output, CancellationToken ct)
    {
        if (EngineRequests.Unsupported(work.Chat, _engine.Model) is { } lacking)
            return RunResult.Failed(lacking);
        var ended = new Finished[job.Choices];
        var turns = new PromptTurns(job);
        // No more at once than the engine runs: the rest would fill its queue and keep other jobs out.
        var options = new ParallelOptions { MaxDegreeOfParallelism = _parallel, CancellationToken = ct };
        await Parallel.ForAsync(0, job.Choices, options, async (choice, token) =>
        {
            await turns.WaitAsync(choice, token);
            ended[choice] = await GenerateChoiceAsync(job, work, choice, output, turns, token);
        });
        return RunResult.Completed(Usage(work, ended), TraceRoot(ended));
    }

    private async Task<RunResult> CountAsync(CountRequest work, IRunOutput output, CancellationToken ct)
    {
        if (EngineRequests.Unsupported(work.Chat, _engine.Model) is { } lacking)
            return RunResult.Failed(lacking);
        var (messages, tools) = EngineRequests.Conversation(work.Chat);
        var tokens = (uint)_engine.Tokenize(messages, tools, EngineRequests.Effort(work.Chat), ct).Length;
        if (tokens > _engine.Model.ContextTokensMax)
            return RunResult.Failed(EngineFailures.TooLong(tokens, (uint)_engine.Model.ContextTokensMax));
        await output.EmitAsync(new Event { PromptReady = new Protocol.Link.PromptReady { PromptTokens = tokens } }, ct);
        await output.EmitAsync(new Event { ChoiceDone = new ChoiceDone { Finish = FinishOnLink.Stop } }, ct);
        return RunResult.Completed(new Usage { PromptTokens = tokens });
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private async Task<Finished> GenerateChoiceAsync(RunRequest job, TextRequest work, int choice, IRunOutput output, PromptTurns turns, CancellationToken ct)
    {
        Finished? end = null;
        var withLogprobs = work.HasTopLogprobs;
        await foreach (var item in _engine.GenerateAsync(EngineRequests.Of(job, work, choice), ct))
        {
            switch (item)
            {
                // The prompt is one for all its choices, so it is told by the first of them.
                case Engine.PromptReady ready when choice % work.Choices == 0:
                    turns.Begin(choice, ready.PromptTokens);
                    await output.EmitAsync(
                        new Event { Choice = (uint)choice, PromptReady = new Protocol.Link.PromptReady { PromptTokens = (uint)ready.PromptTokens } }, ct);
                    break;
                case Engine.PromptTokens part:
                    foreach (var told in EngineEvents.Of(choice, part))
                        await output.EmitAsync(told, ct);
                    turns.Tell(choice, part.Tokens.Count);
                    break;
                case TextDelta delta when delta.Text.Length > 0 || delta.Tokens.Count > 0:
                    await output.EmitAsync(EngineEvents.Of(choice, delta, withLogprobs), ct);
                    break;
                case ReasoningDelta delta:
                    await output.EmitAsync(EngineEvents.Of(choice, delta, withLogprobs), ct);
                    break;
                case Engine.ToolCallDelta delta:
                    await output.EmitAsync(EngineEvents.Of(choice, delta, withLogprobs), ct);
                    break;
                case Finished finished:
                    end = finished;
                    break;
            }
        }

        await output.EmitAsync(new Event { Choice = (uint)choice, ChoiceDone = new ChoiceDone { Finish = Finish(end!.Reason), Stop = end.StopText ?? "" } }, ct);
        // A statement counts what this node generated; resumed tokens are another's work.
        return end with { CompletionTokens = end.CompletionTokens - (job.Resume.TryGetValue((uint)choice, out var resumed) ? resumed.Count : 0) };
    }

    private static Usage Usage(TextRequest work, Finished[] ended)
    {
        var usage = new Usage();
        for (var choice = 0; choice < ended.Length; choice++)
        {
            usage.CompletionTokens = checked(usage.CompletionTokens + (uint)ended[choice].CompletionTokens);
            usage.ReasoningTokens = checked(usage.ReasoningTokens + (uint)ended[choice].ReasoningTokens);
            if (choice % work.Choices != 0)
                continue;
            usage.PromptTokens = checked(usage.PromptTokens + (uint)ended[choice].PromptTokens);
            // Of a prompt's choices one computes it; what the others took over from that one was no saving of the job's.
            usage.CachedTokens = checked(usage.CachedTokens + (uint)ended.AsSpan(choice, (int)work.Choices).ToArray().Min(e => e.CachedTokens));
        }

        return usage;
    }

    private static byte[] TraceRoot(Finished[] ended) =>
        ended.Length == 1 ? ended[0].TraceRoot : SHA256.HashData(ended.SelectMany(e => e.TraceRoot).ToArray());

    private static FinishOnLink Finish(FinishReason reason) => reason switch
    {
        FinishReason.Length => FinishOnLink.Length,
        FinishReason.ToolCalls => FinishOnLink.ToolCalls,
        _ => FinishOnLink.Stop,
    };

    private static Model Offer(ModelInfo info, string name)
    {
        var offer = new Model
        {
            Name = name,
            Runtime = "engine",
            ContextTokens = (uint)info.ContextTokensMax,
            ModelDigest = info.FileDigest,
            NumericsId = info.NumericsId,
            TokenizerDigest = info.TokenizerDigest,
            TemplateDigest = info.TemplateDigest,
            RuntimeVersion = typeof(InferenceEngine).Assembly.GetName().Version!.ToString(),
        };
        if (info.CanEmbed)
            offer.Capabilities.Add(Capability.Embeddings);
        if (info.CanRank)
            offer.Capabilities.Add(Capability.Rerank);
        if (!info.CanGenerate)
            return offer;
        offer.Capabilities.AddRange([Capability.Completion, Capability.Logprobs, Capability.PromptLogprobs, Capability.Seed, "resume"]);
        if (info.HasChatTemplate)
            offer.Capabilities.AddRange([Capability.Chat, Capability.CountTokens, Capability.JsonObject, Capability.StructuredOutputs]);
        if (info.SupportsTools)
            offer.Capabilities.Add(Capability.ToolUse);
        if (info.TakesReasoningEffort)
            offer.Capabilities.Add(Capability.ReasoningEffort);
        if (info.HoldsToolCalls)
            offer.Capabilities.AddRange([Capability.ToolChoice, Capability.ParallelToolCalls]);
        return offer;
    }

    /// <summary>A file may call itself anything; on the link a name has letters, digits and a few marks.</summary>
    private static string Printable(string name)
    {
        var shortened = name.Length > LinkLimits.NameCharsMax ? name[..LinkLimits.NameCharsMax] : name;
        return string.Concat(shortened.Select(c => char.IsAsciiLetterOrDigit(c) || "._:/@+-".Contains(c, StringComparison.Ordinal) ? c : '-'));
    }
}
