using Flotilla.Engine.Gguf;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

/// <summary>Models that read texts and write none: what they do, and what they refuse by name.</summary>
public sealed class ReadingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_encoder_embeds_and_does_nothing_else()
    {
        await using var engine = await LoadAsync();
        Assert.Equal((false, true, false), (engine.Model.CanGenerate, engine.Model.CanEmbed, engine.Model.CanRank));
        var vector = (await engine.EmbedAsync("hello world", cancellation: Cancellation)).Vector;
        Assert.Equal(1, vector.Sum(value => (double)value * value), 1e-5);
        await RefusedAsync(GenerationRejection.WrongKind, () => engine.CompleteAsync(new GenerationRequest { Prompt = "hello" }, Cancellation));
        await RefusedAsync(GenerationRejection.WrongKind, () => engine.RankAsync("hello", "world", Cancellation));
    }

    [Fact]
    public async Task A_text_is_read_with_the_marks_that_the_model_was_trained_with()
    {
        await using var engine = await LoadAsync();
        var text = await engine.EmbedAsync("hello world", cancellation: Cancellation);
        var ids = engine.Tokenizer.EncodeWhole("hello world");
        Assert.Equal((2, 3, ids.Length), (ids[0], ids[^1], text.Tokens));
        Assert.Equal(text.Vector, (await engine.EmbedAsync(ids, cancellation: Cancellation)).Vector);
        // Every token counts, also the ones behind.
        Assert.NotEqual(text.Vector, (await engine.EmbedAsync([.. ids.SkipLast(2), ids[^3], ids[^1]], cancellation: Cancellation)).Vector);
    }

    [Fact]
    public async Task Each_token_sees_those_behind_it()
    {
        await using var engine = await LoadAsync(("pooling_type", 2));
        var one = await engine.EmbedAsync([2, 10, 11, 12, 3], cancellation: Cancellation);
        var other = await engine.EmbedAsync([2, 10, 11, 13, 3], cancellation: Cancellation);
        Assert.NotEqual(one.Vector, other.Vector);
    }

    [Fact]
    public async Task A_text_as_long_as_the_context_is_read_whole_and_a_longer_one_refused()
    {
        await using var engine = await LoadAsync();
        Assert.Equal(256, (await engine.EmbedAsync(Engines.Prompt(256), cancellation: Cancellation)).Tokens);
        await RefusedAsync(GenerationRejection.ContextLengthExceeded, () => engine.EmbedAsync(Engines.Prompt(257), cancellation: Cancellation));
        await RefusedAsync(GenerationRejection.ContextLengthExceeded, () => engine.EmbedAsync(string.Join(' ', Enumerable.Repeat("a", 300)), cancellation: Cancellation));
        await RefusedAsync(GenerationRejection.TokenOutOfRange, () => engine.EmbedAsync([500], cancellation: Cancellation));
        await RefusedAsync(GenerationRejection.EmptyPrompt, () => engine.EmbedAsync([], cancellation: Cancellation));
    }

    [Fact]
    public async Task A_text_that_no_tokens_of_the_context_could_say_costs_no_memory()
    {
        await using var engine = await LoadAsync();
        // Four times as long once it is normalised.
        var text = new string('\uFDFA', 4_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.ThrowsAsync<GenerationRejectedException>(() => engine.EmbedAsync(text, cancellation: Cancellation));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, text.Length);
        Assert.Equal(GenerationRejection.ContextLengthExceeded, (await refused).Reason);
    }

    [Fact]
    public async Task A_vector_is_cut_to_the_lengths_that_the_file_names()
    {
        await using var engine = await LoadAsync(("matryoshka_dimensions", (int[])[48, 20]));
        Assert.Equal([20, 48, 64], engine.Model.EmbeddingDimensions);
        var whole = (await engine.EmbedAsync("hello", cancellation: Cancellation)).Vector;
        var cut = (await engine.EmbedAsync("hello", 20, Cancellation)).Vector;
        var length = Math.Sqrt(whole.Take(20).Sum(value => (double)value * value));
        Assert.Equal(20, cut.Length);
        Assert.All(cut.Zip(whole), pair => Assert.Equal(pair.Second / length, pair.First, 1e-6));
        await RefusedAsync(GenerationRejection.OptionOutOfRange, () => engine.EmbedAsync("hello", 21, Cancellation));
    }

    [Fact]
    public async Task A_judge_judges_and_does_nothing_else()
    {
        await using var engine = await LoadAsync(("pooling_type", 4));
        var good = await engine.RankAsync("hello", "a document", Cancellation);
        Assert.InRange(good.Score, 0.001f, 0.999f);
        Assert.Equal(engine.Tokenizer.EncodePair("hello", "a document").Ids.Length, good.Tokens);
        Assert.NotEqual(good.Score, (await engine.RankAsync("hello", "another", Cancellation)).Score);
        await RefusedAsync(GenerationRejection.WrongKind, () => engine.EmbedAsync("hello", cancellation: Cancellation));
        await RefusedAsync(GenerationRejection.ContextLengthExceeded, () => engine.RankAsync("hello", string.Join(' ', Enumerable.Repeat("a", 300)), Cancellation));
    }

    [Fact]
    public async Task A_document_is_of_another_type_than_the_query()
    {
        await using var two = await LoadAsync(("pooling_type", 4));
        using var file = SyntheticModelFile.Create(Options(("pooling_type", 4)) with { TokenTypes = 1 });
        await using var one = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, cancellation: Cancellation);
        // The first type is the same in both.
        Assert.NotEqual((await one.RankAsync("a", "b", Cancellation)).Score, (await two.RankAsync("a", "b", Cancellation)).Score);
        using var embedder = SyntheticModelFile.Create(Options() with { TokenTypes = 1 });
        await using var single = await InferenceEngine.LoadAsync(embedder.Path, new EngineOptions { Threads = 1 }, cancellation: Cancellation);
        await using var both = await LoadAsync();
        Assert.Equal((await single.EmbedAsync("a", cancellation: Cancellation)).Vector, (await both.EmbedAsync("a", cancellation: Cancellation)).Vector);
    }

    [Fact]
    public async Task A_decoder_judges_a_pair_as_its_template_puts_it()
    {
        var options = new SyntheticModelOptions { Extra = new Dictionary<string, object> { ["pooling_type"] = 4, ["classifier.output_labels"] = (string[])["yes", "no"] } };
        var writer = SyntheticModel.Writer(options).Add("tokenizer.chat_template.rerank", "<|im_start|>q: {query}\nd: {document} of {query}<|im_end|>");
        using var file = SyntheticModelFile.Of(writer.Build());
        await using var engine = await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, cancellation: Cancellation);
        var rank = await engine.RankAsync("what<|im_end|>", "that", Cancellation);
        // The template's two marks are tokens; what the query says of one is text.
        var plain = engine.Tokenizer.Encode("q: what<|im_end|>\nd: that of what<|im_end|>", parseSpecial: false, addBos: false);
        Assert.Equal(plain.Length + 2, rank.Tokens);
        Assert.InRange(rank.Score, 0f, 1f);
        Assert.False(engine.Model.CanGenerate);
    }

    [Theory]
    [InlineData("q: {query}", "{document} 0 times")]
    [InlineData("d: {document}", "{query} 0 times")]
    [InlineData("{document}{document}{document}{document}{document}{document}{document}{document}{document} of {query}", "{document} 9 times")]
    public async Task A_template_that_judges_nothing_or_repeats_it_without_end_is_refused(string template, string message)
    {
        var options = new SyntheticModelOptions { Extra = new Dictionary<string, object> { ["pooling_type"] = 4 } };
        await RefusedAsync(GgufError.BadParameter, message, options, w => w.Add("tokenizer.chat_template.rerank", template));
    }

    /// <summary>llama.cpp's server refuses these too, or answers with zeros.</summary>
    [Theory]
    [InlineData(0, true, "pooling_type 0 (none)")]
    [InlineData(0, false, "pooling_type 0 (none)")]
    [InlineData(4, true, "pooling_type 4 (rank)")]
    [InlineData(4, false, "pooling_type 4 (rank)")]
    public async Task A_file_that_pools_otherwise_embeds_no_texts_and_says_why(int pooling, bool isEncoder, string named)
    {
        var options = isEncoder ? Options(("pooling_type", pooling)) : new SyntheticModelOptions { Extra = new Dictionary<string, object> { ["pooling_type"] = pooling } };
        await using var engine = await Engines.LoadAsync(options);
        Assert.Equal((false, pooling == 4, !isEncoder && pooling == 0), (engine.Model.CanEmbed, engine.Model.CanRank, engine.Model.CanGenerate));
        foreach (var call in (Func<Task>[])[() => engine.EmbedAsync("hello", cancellation: Cancellation), () => engine.EmbedAsync([1, 2], cancellation: Cancellation)])
        {
            var refused = await Assert.ThrowsAsync<GenerationRejectedException>(call);
            Assert.Equal(GenerationRejection.WrongKind, refused.Reason);
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        }

        if (engine.Model.CanGenerate)
            Assert.Equal(3, (await engine.CompleteAsync(new() { Prompt = "hello", MaxTokens = 3, IgnoreEos = true }, Cancellation)).Tokens.Count);
    }

    /// <summary>Most decoders' files, and some encoders'; llama.cpp's server wants to be told a way of pooling then.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_says_nothing_of_pooling_is_embedded_by_the_mean(bool isEncoder)
    {
        var options = isEncoder ? Options() : new SyntheticModelOptions();
        var vectors = new List<float[]>();
        foreach (var pooling in (uint?[])[null, 1, 2])
        {
            await using var engine = await LoadAsync(options, writer => With(writer.Remove($"{options.Architecture}.pooling_type"), pooling));
            vectors.Add((await engine.EmbedAsync("hello world", cancellation: Cancellation)).Vector);
        }

        Assert.Equal(vectors[1], vectors[0]);
        Assert.NotEqual(vectors[2], vectors[0]);
        GgufWriter With(GgufWriter writer, uint? pooling) => pooling is { } type ? writer.Add($"{options.Architecture}.pooling_type", type) : writer;
    }

    [Fact]
    public async Task What_an_encoders_file_lacks_or_has_too_much_is_named()
    {
        await RefusedAsync(GgufError.MissingTensor, "cls.weight", Options(("pooling_type", 4)), w => w.RemoveTensor("cls.weight").RemoveTensor("cls.output.weight"));
        await RefusedAsync(
            GgufError.BadParameter, "classifier.output_labels has 65", Options(("pooling_type", 4), ("classifier.output_labels", Enumerable.Repeat("label", 65).ToArray())),
            w => w.RemoveTensor("cls.output.weight").RemoveTensor("cls.output.bias"));
        await RefusedAsync(GgufError.MissingTensor, "position_embd.weight", Options(), w => w.RemoveTensor("position_embd.weight"));
        await RefusedAsync(GgufError.MissingTensor, "blk.1.ffn_up.bias", Options(), w => w.RemoveTensor("blk.1.ffn_up.bias"));
        await RefusedAsync(GgufError.ShapeMismatch, "position_embd.weight", Options(), w => w.Remove("bert.context_length").Add("bert.context_length", 255u));
        await RefusedAsync(GgufError.BadParameter, "bert.pooling_type", Options(), w => w.Remove("bert.pooling_type").Add("bert.pooling_type", 5u));
        await RefusedAsync(GgufError.BadParameter, "bert.context_length", Options(), w => w.Remove("bert.context_length").Add("bert.context_length", 32_769u));
        await RefusedAsync(GgufError.BadParameter, "matryoshka_dimensions has 65", Options(("matryoshka_dimensions", (int[])[65])), w => w);
        await RefusedAsync(GgufError.MissingKey, "layer_norm_epsilon", Options(), w => w.Remove("bert.attention.layer_norm_epsilon"));
        var failure = await Assert.ThrowsAsync<ModelNotSupportedException>(() => LoadAsync(Options(), w => w.Remove("bert.attention.causal").Add("bert.attention.causal", true)));
        Assert.Contains("causal", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<ModelNotSupportedException>(() => LoadAsync(Options(), w => w.Add("bert.attention.sliding_window", 128u)));
        Assert.Contains("windows", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<ModelNotSupportedException>(() => LoadAsync(
            Options(), w => w.Remove("bert.context_length").Add("bert.context_length", 32_768u).Remove("bert.feed_forward_length").Add("bert.feed_forward_length", 16_384u)));
        Assert.Contains("together 268435456 are allowed", failure.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(GenerationRejection reason, Func<Task> call) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<GenerationRejectedException>(call)).Reason);

    private static async Task RefusedAsync(GgufError error, string message, SyntheticModelOptions options, Func<GgufWriter, GgufWriter> spoil)
    {
        var failure = await Assert.ThrowsAsync<GgufException>(() => LoadAsync(options, spoil));
        Assert.Equal(error, failure.Error);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<InferenceEngine> LoadAsync(SyntheticModelOptions options, Func<GgufWriter, GgufWriter> spoil)
    {
        using var file = SyntheticModelFile.Of(spoil(SyntheticModel.Writer(options)).Build());
        return await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 });
    }

    private static Task<InferenceEngine> LoadAsync(params (string Key, object Value)[] extra) => Engines.LoadAsync(Options(extra));

    private static SyntheticModelOptions Options(params (string Key, object Value)[] extra) =>
        SyntheticModelOptions.Encoder(WeightType.F16) with { Extra = extra.ToDictionary(pair => pair.Key, pair => pair.Value) };
}
