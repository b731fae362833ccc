using System.Runtime.CompilerServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Scheduling;
using Flotilla.Engine.Threads;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine;

/// <summary>
/// A model in memory that answers any number of callers at once. The life of a request:
/// template → tokenize → schedule → forward → sample → detokenize. Safe for concurrent use.
/// </summary>
public sealed class InferenceEngine : IAsyncDisposable
{
    private readonly LoadedModel _model;
    private readonly EngineOptions _options;
    private readonly KernelSet _kernels;
    private readonly ComputePool _pool;
    private readonly KvPool _cache;
    private readonly Scheduler _scheduler;
    private readonly EngineLoop _loop;
    private readonly RequestPlanner _planner;
    private readonly SamplingScratch _scratch;

    private InferenceEngine(LoadedModel model, EngineOptions options)
    {
        (_model, _options) = (model, options);
        _kernels = KernelSet.For(options.Kernels);
        _scratch = new SamplingScratch(model.Config.Vocabulary);
        _pool = new ComputePool(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, options.ParallelCostMin);
        var stepTokens = Math.Max(options.StepTokensMax, options.SequencesMax);
        var logitRows = options.GuessesMax == 0 ? options.SequencesMax : Math.Max(options.SequencesMax, EngineLimits.GuessStepTokens);
        var transformer = new Transformer(
            model.Config, model.Weights, _kernels, _pool, options.Stages, stepTokens, logitRows);
        var kvBytes = options.KvBytesMax == 0 ? KvBytesDefault() : options.KvBytesMax;
        _cache = new KvPool(transformer.KvBlockLengths, kvBytes, options.PrefixBytesMax ?? kvBytes / 4);
        _planner = new RequestPlanner(
            model.Tokenizer, model.Prompts, model.NoPromptsReason, new AnswerForms(model.Tokenizer, model.Info.HoldsToolCalls), model.Info.ContextTokensMax, _cache.BlocksMax * KvBlock.Positions);
        _scheduler = new Scheduler(_cache, options.SequencesMax, options.QueueMax);
        _loop = new EngineLoop(_scheduler, transformer, stepTokens);
    }

    /// <summary>What the file says about the model.</summary>
    public ModelInfo Model => _model.Info;

    /// <summary>The model's tokenizer.</summary>
    public ITokenizer Tokenizer => _model.Tokenizer;

    /// <summary>How busy the engine is.</summary>
    public EngineLoad Load => new(
        _scheduler.Running, _scheduler.Waiting, _options.SequencesMax, _cache.BlocksHeld * _cache.BlockBytes, _cache.BlocksMax * _cache.BlockBytes)
    {
        AllocatedBytes = _loop.AllocatedBytes + _pool.AllocatedBytes,
    };

    /// <summary>Reads a GGUF file, checks all of it and gets ready to answer.</summary>
    /// <param name="path">The file, or the first part of a split one; it is read once, into memory, and not needed afterwards.</param>
    /// <param name="options">How the engine uses the machine.</param>
    /// <param name="progress">Hears how far reading is, on the loading thread.</param>
    /// <param name="cancellation">Ends the loading.</param>
    /// <exception cref="GgufException">The file is malformed.</exception>
    /// <exception cref="ModelNotSupportedException">The model needs something that the engine does not have; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static Task<InferenceEngine> LoadAsync(
        string path, EngineOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new EngineOptions();
        EngineOptionsRules.Check(options);
        return LoadCheckedAsync(path, options, progress, cancellation);
    }

    private static async Task<InferenceEngine> LoadCheckedAsync(
        string path, EngineOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        var engine = await Task.Factory.StartNew(
            () => new InferenceEngine(LoadedModel.Load(path, options.ContextTokensMax, progress, cancellation), options),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            await WarmUp.RunAsync(engine, cancellation);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Generates one completion. The first event is <see cref="PromptReady"/>, the last one <see cref="Finished"/>; whoever
    /// stops reading or cancels ends the computation within one step, and whoever reads slowly pauses his own sequence only.
    /// </summary>
    /// <exception cref="GenerationRejectedException">Before any event: the request cannot be served as it is.</exception>
    /// <exception cref="GenerationFailedException">After the first event: the generation cannot go on.</exception>
    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var plan = _planner.Plan(request, cancellation);
        var trace = new TraceChain(Model.NumericsId, Model.FileDigest, plan.Prompt, Model.EmbeddingLength);
        var sequence = new GenerationSequence(plan, Tokenizer, _kernels, _scratch, trace, _options.GuessesMax);
        Submit(sequence, plan.Prompt.Length);
        try
        {
            yield return new PromptReady(plan.Prompt.Length);
            while (await sequence.Output.WaitAsync(cancellation))
            {
                while (sequence.Output.TryTake(out var token))
                {
                    if (sequence.Output.Count == EngineLimits.EventsUnreadMax)
                        _loop.Wake();
                    foreach (var next in sequence.Reader.Read(token))
                        yield return next;
                }
            }

            foreach (var next in sequence.Reader.Finish(sequence.Ending!))
                yield return next;
        }
        finally
        {
            sequence.Cancel();
            _loop.Wake();
        }
    }

    /// <summary>The mean of a text's final hidden states, scaled to length 1.</summary>
    /// <exception cref="GenerationRejectedException">The text is empty or longer than the context, or the queue is full.</exception>
    public Task<EmbeddingResult> EmbedAsync(string text, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EmbedAsync(_planner.PlanEmbedding(text), cancellation);
    }

    /// <summary>The same of token ids.</summary>
    public async Task<EmbeddingResult> EmbedAsync(IReadOnlyList<int> tokens, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var sequence = new EmbeddingSequence(_planner.CheckEmbedding(tokens), Model.EmbeddingLength, _kernels);
        Submit(sequence, tokens.Count);
        try
        {
            return await sequence.Result.WaitAsync(cancellation);
        }
        finally
        {
            sequence.Cancel();
            _loop.Wake();
        }
    }

    /// <summary>The tokens of plain text, as <see cref="GenerationRequest.Prompt"/> would use them.</summary>
    public int[] Tokenize(string text) => Tokenizer.Encode(text, parseSpecial: false, addBos: Tokenizer.AddsBos);

    /// <summary>The tokens of a conversation, as <see cref="GenerationRequest.Messages"/> would use them.</summary>
    /// <exception cref="GenerationRejectedException">The model has no template, or the template refuses the conversation.</exception>
    public int[] Tokenize(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, CancellationToken cancellation = default) =>
        _planner.Render(messages, tools, now: null, cancellation);

    /// <summary>Ends what is running, after the step that is being computed.</summary>
    public ValueTask DisposeAsync()
    {
        _loop.Dispose();
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    private static long KvBytesDefault() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    private void Submit(Sequence sequence, int promptTokens)
    {
        _planner.CheckMemory(sequence);
        if (!_loop.TrySubmit(sequence))
        {
            throw new GenerationRejectedException(
                GenerationRejection.QueueFull,
                $"{_options.QueueMax} requests wait already (option {nameof(EngineOptions.QueueMax)}).",
                promptTokens);
        }
    }
}
