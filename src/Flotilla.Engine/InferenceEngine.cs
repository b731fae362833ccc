using System.Runtime.CompilerServices;
using Flotilla.Engine.Cache;
using Flotilla.Engine.Forms;
using Flotilla.Engine.Gguf;
using Flotilla.Engine.Kernels;
using Flotilla.Engine.Models;
using Flotilla.Engine.Numerics;
using Flotilla.Engine.Sampling;
using Flotilla.Engine.Scheduling;
using Flotilla.Engine.Templates;
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
    private readonly ReadingPlanner _reading;
    private readonly SamplingScratch _scratch;

    private InferenceEngine(LoadedModel model, EngineOptions options)
    {
        (_model, _options) = (model, options);
        _kernels = KernelSet.For(options.Kernels);
        _scratch = new SamplingScratch(model.Config.Vocabulary, [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(model.Tokenizer.IsEndOfGeneration)]);
        _pool = new ComputePool(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, options.ParallelCostMin);
        var stepTokens = Math.Max(options.StepTokensMax, options.SequencesMax);
        var logitRows = options.GuessesMax == 0 ? options.SequencesMax : Math.Max(options.SequencesMax, EngineLimits.GuessStepTokens);
        var transformer = new Transformer(
            model.Config, model.Weights, _kernels, _pool, options.Stages, stepTokens, logitRows + EngineLimits.PromptLogitsMax);
        var kvBytes = options.KvBytesMax == 0 ? KvBytesDefault() : options.KvBytesMax;
        _cache = new KvPool(transformer.KvBlockLengths, kvBytes, options.PrefixBytesMax ?? kvBytes / 4);
        _planner = new RequestPlanner(
            model.Tokenizer, model.Prompts, model.NoPromptsReason, new AnswerForms(model.Tokenizer, model.ToolCalls),
            model.Info.ContextTokensMax, _cache.BlocksMax * KvBlock.Positions, model.Info.CanGenerate);
        _reading = new ReadingPlanner(model.Tokenizer, model.Info, model.RankTemplate);
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
        KvBytesMade = _cache.BlocksMade * _cache.BlockBytes,
        Paused = _scheduler.Paused,
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
            () => Make(path, options, progress, cancellation),
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

    private static InferenceEngine Make(string path, EngineOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        var model = LoadedModel.Load(path, options.ContextTokensMax, progress, cancellation);
        // An engine allocates so little that the collector might never come to take away what reading has left behind.
        if (model.Info.FileBytes >= EngineLimits.CollectedFileBytesMin)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new InferenceEngine(model, options);
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
                    if (sequence.Output.Count is EngineLimits.EventsUnreadMax or EngineLimits.EventsUnreadReturn)
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

    /// <summary>A text as a vector of length 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="dimensions">Of the model's <see cref="ModelInfo.EmbeddingDimensions"/>; 0 for the greatest.</param>
    /// <param name="cancellation">Ends the computation.</param>
    /// <exception cref="GenerationRejectedException">The text is empty or longer than the context, the model embeds nothing or not so, or the queue is full.</exception>
    public Task<EmbeddingResult> EmbedAsync(string text, int dimensions = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadAsync(_reading.Embedding(text), dimensions, cancellation);
    }

    /// <summary>The same of token ids.</summary>
    public Task<EmbeddingResult> EmbedAsync(IReadOnlyList<int> tokens, int dimensions = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return ReadAsync(_reading.Embedding(tokens), dimensions, cancellation);
    }

    /// <summary>How well a document answers a query.</summary>
    /// <exception cref="GenerationRejectedException">Both are longer than the context, the model judges no pairs, or the queue is full.</exception>
    public Task<RankResult> RankAsync(string query, string document, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(document);
        var (tokens, second) = _reading.Pair(query, document);
        return ReadAsync(new RankSequence(tokens, second, _model.Config, _kernels), tokens.Length, cancellation);
    }

    /// <summary>The tokens of plain text, as <see cref="GenerationRequest.Prompt"/> would use them.</summary>
    public int[] Tokenize(string text) => Tokenizer.Encode(text, parseSpecial: false, addBos: Tokenizer.AddsBos);

    /// <summary>The tokens of a conversation, as <see cref="GenerationRequest.Messages"/> would use them.</summary>
    /// <exception cref="GenerationRejectedException">The model has no template, or the template refuses the conversation or has no place for the effort.</exception>
    public int[] Tokenize(
        IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, string? reasoningEffort = null, CancellationToken cancellation = default) =>
        _planner.Render(messages, tools, new PromptTerms(Effort: reasoningEffort), cancellation);

    /// <summary>Ends what is running, after the step that is being computed.</summary>
    public ValueTask DisposeAsync()
    {
        _loop.Dispose();
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<EmbeddingResult> ReadAsync(int[] tokens, int dimensions, CancellationToken cancellation) =>
        ReadAsync(new EmbeddingSequence(tokens, _reading.Dimensions(dimensions), _model.Config, _kernels), tokens.Length, cancellation);

    private async Task<T> ReadAsync<T>(PooledSequence<T> sequence, int tokens, CancellationToken cancellation)
    {
        Submit(sequence, tokens);
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
