using System.Threading.Channels;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;

namespace Flotilla.Testing.Nodes;

/// <summary>A runtime that answers by script: fixed events at once, or step by step as a test permits them.</summary>
public sealed class ScriptedRuntime : IRuntime
{
    private readonly Channel<ScriptedRun> _runs = Channel.CreateUnbounded<ScriptedRun>();
    private volatile RuntimeState _state;

    /// <summary>A runtime that offers these models and answers each job with a short greeting.</summary>
    public ScriptedRuntime(params IReadOnlyList<string> models) => _state = new RuntimeState([.. models.Select(Offer)]);

    /// <summary>What it does with a job; may be changed between jobs.</summary>
    public Script Script { get; set; } = Scripts.Answer("Hello", ",", " world", "!");

    /// <summary>Keeps a <see cref="ScriptedRun"/> of every job for <see cref="NextRunAsync"/>; off for benchmarks, which would keep them all.</summary>
    public bool KeepsRuns { get; init; } = true;

    /// <inheritdoc />
    public string Kind => "scripted";

    /// <summary>What the next probe tells; the node looks every 15 s.</summary>
    public RuntimeState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>A model as this runtime offers it.</summary>
    public static Model Offer(string name) => new()
    {
        Name = name,
        Runtime = "scripted",
        ContextTokens = 4096,
        Capabilities = { "chat", "completion", "tool_use", "logprobs", "seed" },
        RuntimeVersion = "1",
    };

    /// <summary>A runtime whose model does jobs about inputs and none of text.</summary>
    public static ScriptedRuntime OfInputs(string model)
    {
        var offer = Offer(model);
        offer.Capabilities.Clear();
        offer.Capabilities.AddRange([Capability.Embeddings, Capability.Rerank, Capability.Moderation]);
        return new ScriptedRuntime { State = new RuntimeState([offer]), Script = Scripts.Inputs };
    }

    /// <summary>A runtime whose one model does everything that a model can do.</summary>
    public static ScriptedRuntime OfEverything(string model)
    {
        var offer = Offer(model);
        offer.Capabilities.Clear();
        offer.Capabilities.AddRange(
        [
            Capability.Chat, Capability.Completion, Capability.CountTokens, Capability.Embeddings, Capability.Rerank, Capability.Moderation, Capability.ToolUse, Capability.ToolChoice, Capability.ParallelToolCalls,
            Capability.Logprobs, Capability.PromptLogprobs, Capability.Seed, Capability.JsonObject, Capability.StructuredOutputs, Capability.ReasoningEffort, Capability.Vision, Capability.AudioInput, Capability.FileInput,
            Capability.Speech, Capability.Transcription, Capability.Translation, Capability.Image, Capability.ImageEdit, Capability.ImageVariation, Capability.Video, Capability.Frames,
        ]);
        return new ScriptedRuntime { State = new RuntimeState([offer]), Script = Scripts.Everything };
    }

    /// <summary>A runtime whose model makes videos and nothing else.</summary>
    public static ScriptedRuntime OfVideos(string model) => Of(model, Capability.Video, Scripts.Video());

    /// <summary>A runtime whose model takes frames of videos and does nothing else.</summary>
    public static ScriptedRuntime OfFrames(string model) => Of(model, Capability.Frames, Scripts.Frames());

    private static ScriptedRuntime Of(string model, string capability, Script script)
    {
        var offer = Offer(model);
        offer.Capabilities.Clear();
        offer.Capabilities.Add(capability);
        return new ScriptedRuntime { State = new RuntimeState([offer]), Script = script };
    }

    /// <inheritdoc />
    public Task<RuntimeState> ProbeAsync(CancellationToken ct) => Task.FromResult(_state);

    /// <inheritdoc />
    public async Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct)
    {
        var run = new ScriptedRun(job, output, ct);
        if (KeepsRuns)
            _runs.Writer.TryWrite(run);
        try
        {
            return await Script(run);
        }
        finally
        {
            run.End();
        }
    }

    /// <summary>Waits for the next job that this runtime is given, in their order; jobs before <see cref="ForgetRuns"/> are not among them.</summary>
    public ValueTask<ScriptedRun> NextRunAsync(CancellationToken ct) => _runs.Reader.ReadAsync(ct);

    /// <summary>Jobs that it was given and <see cref="NextRunAsync"/> has not told of.</summary>
    public int Waiting => _runs.Reader.Count;

    /// <summary>Forgets the jobs so far: the gateway's test jobs, mostly.</summary>
    public void ForgetRuns()
    {
        while (_runs.Reader.TryRead(out _))
        {
        }
    }
}
