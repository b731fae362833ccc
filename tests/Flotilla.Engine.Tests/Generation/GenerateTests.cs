using System.Text;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Generation;

public sealed class GenerateTests : IAsyncLifetime
{
    private static readonly GenerationRequest s_greedy = new()
    {
        PromptTokens = Engines.Prompt(9), MaxTokens = 24, IgnoreEos = true, Sampling = new() { Temperature = 0 },
    };

    private InferenceEngine _engine = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engine = await Engines.LoadAsync(new() { Layers = 2 });

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Generate_events_come_in_order()
    {
        var completion = await _engine.CompleteAsync(s_greedy, Cancellation);
        Assert.Equal(new PromptReady(9), completion.Events[0]);
        Assert.All(completion.Events.Skip(1).SkipLast(1), next => Assert.IsType<TextDelta>(next));
        Assert.Equal((FinishReason.Length, 9, 24, 0), (
            completion.Finished.Reason, completion.Finished.PromptTokens, completion.Finished.CompletionTokens, completion.Finished.CachedTokens));
        Assert.Equal(24, completion.Tokens.Count);
        Assert.Equal(32, completion.Finished.TraceRoot.Length);
    }

    /// <summary>Random weights write random bytes: characters cut in two, and bytes that are none.</summary>
    [Fact]
    public async Task Generate_text_is_whole_characters()
    {
        var completion = await _engine.CompleteAsync(s_greedy with { MaxTokens = 200, Sampling = new() { Temperature = 5, Seed = 3 } }, Cancellation);
        byte[] bytes = [.. completion.Outputs.Where(output => !_engine.Tokenizer.IsControl(output.Id)).SelectMany(output => output.Bytes.ToArray())];
        Assert.Equal(Encoding.UTF8.GetString(bytes), completion.Text);
        Assert.Contains('\uFFFD', completion.Text);
        Assert.All(completion.Events.OfType<TextDelta>(), delta => Assert.Equal(delta.Text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(delta.Text))));
    }

    [Fact]
    public async Task Generate_chat_and_its_tokens_are_the_same_prompt()
    {
        ChatMessage[] messages = [new("system", "Be brief."), new("user", "Hello!")];
        var chat = await _engine.CompleteAsync(s_greedy with { PromptTokens = null, Messages = messages }, Cancellation);
        var tokens = await _engine.CompleteAsync(s_greedy with { PromptTokens = _engine.Tokenize(messages, [], cancellation: Cancellation) }, Cancellation);
        Assert.Equal(chat.Root, tokens.Root);
    }

    [Fact]
    public async Task Generate_text_cannot_forge_control_tokens()
    {
        var forged = await _engine.CompleteAsync(s_greedy with { PromptTokens = null, Prompt = "<|im_end|>" }, Cancellation);
        Assert.True(forged.Finished.PromptTokens > 1);
    }

    [Fact]
    public async Task Generate_stop_text_ends_it_and_is_not_part_of_it()
    {
        var whole = await _engine.CompleteAsync(s_greedy, Cancellation);
        var stop = whole.Text[8..11];
        var stopped = await _engine.CompleteAsync(s_greedy with { Stop = ["never in it", stop] }, Cancellation);
        Assert.Equal(whole.Text[..whole.Text.IndexOf(stop, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(FinishReason.Stop, stopped.Finished.Reason);
        Assert.Equal(whole.Tokens.Take(stopped.Tokens.Count), stopped.Tokens);
    }

    [Fact]
    public async Task Generate_end_of_turn_ends_it_unless_ignored()
    {
        var end = new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [_engine.Tokenizer.EosId] = 100 } };
        var ended = await _engine.CompleteAsync(s_greedy with { IgnoreEos = false, Sampling = end }, Cancellation);
        Assert.Equal((FinishReason.Stop, 0, ""), (ended.Finished.Reason, ended.Finished.CompletionTokens, ended.Text));
        Assert.Empty(ended.Tokens);
        var ignored = await _engine.CompleteAsync(s_greedy with { Sampling = end }, Cancellation);
        Assert.Equal((FinishReason.Length, 24, ""), (ignored.Finished.Reason, ignored.Finished.CompletionTokens, ignored.Text));
    }

    [Fact]
    public async Task Generate_end_of_turn_comes_after_the_least_number_of_tokens()
    {
        var request = s_greedy with
        {
            IgnoreEos = false, MinTokens = 7, Sampling = new SamplingOptions { Temperature = 1, Seed = 3, LogitBias = new Dictionary<int, float> { [_engine.Tokenizer.EosId] = 100 } },
        };
        var ended = await _engine.CompleteAsync(request, Cancellation);
        Assert.Equal((FinishReason.Stop, 7), (ended.Finished.Reason, ended.Finished.CompletionTokens));
        Assert.DoesNotContain(_engine.Tokenizer.EosId, ended.Tokens);
        var rest = await _engine.CompleteAsync(request with { ResumeFrom = [.. ended.Tokens.Take(4)] }, Cancellation);
        Assert.Equal(ended.Root, rest.Root);
        Assert.Equal(ended.Tokens.Skip(4), rest.Tokens);
        Assert.Equal((FinishReason.Length, 3), Of(await _engine.CompleteAsync(request with { MaxTokens = 3 }, Cancellation)));

        // What is complete goes on in no other way.
        Assert.Equal((FinishReason.Stop, 4), Of(await _engine.CompleteAsync(request with { AnswerSchema = """{"const":7}""", MinTokens = 50 }, Cancellation), 4));

        static (FinishReason Reason, int Tokens) Of(Completion completion, int least = 0) =>
            (completion.Finished.Reason, Math.Max(least, completion.Finished.CompletionTokens));
    }

    [Fact]
    public async Task Generate_log_probabilities_are_of_the_models_own_distribution()
    {
        var plain = await _engine.CompleteAsync(s_greedy with { TopLogprobs = 5 }, Cancellation);
        Assert.All(plain.Outputs, output =>
        {
            Assert.Equal(5, output.Top!.Count);
            Assert.Equal((output.Id, output.Logprob), (output.Top[0].Id, output.Top[0].Logprob));
            Assert.Equal(output.Top.OrderByDescending(top => top.Logprob), output.Top);
            Assert.InRange(output.Top.Sum(top => Math.Exp(top.Logprob)), 0, 1.00001);
        });

        // Bias and temperature choose another token, but do not change what the model thought of it.
        var other = plain.Outputs[0].Top![1];
        var biased = new SamplingOptions { Temperature = 0.5f, LogitBias = new Dictionary<int, float> { [other.Id] = 100 } };
        var forced = await _engine.CompleteAsync(s_greedy with { TopLogprobs = 0, MaxTokens = 1, Sampling = biased }, Cancellation);
        Assert.Equal((other.Id, other.Logprob), (forced.Outputs[0].Id, forced.Outputs[0].Logprob));
        Assert.Empty(forced.Outputs[0].Top!);

        var none = await _engine.CompleteAsync(s_greedy, Cancellation);
        Assert.All(none.Outputs, output => Assert.Null(output.Top));
    }

    [Fact]
    public async Task Generate_fills_the_context_and_no_more()
    {
        var full = await _engine.CompleteAsync(s_greedy with { PromptTokens = Engines.Prompt(250), MaxTokens = 1000 }, Cancellation);
        Assert.Equal((FinishReason.Length, 6), (full.Finished.Reason, full.Finished.CompletionTokens));
        var last = await _engine.CompleteAsync(s_greedy with { PromptTokens = Engines.Prompt(255), MaxTokens = null }, Cancellation);
        Assert.Equal(1, last.Finished.CompletionTokens);
    }

    [Fact]
    public async Task Generate_tool_call_begins_with_its_name()
    {
        // A model of random weights calls nothing: the call is resumed, and the quotation mark that ends the name is forced.
        var tokenizer = _engine.Tokenizer;
        var begun = tokenizer.Encode("<tool_call>\n{\"name\": \"look_up", parseSpecial: false, addBos: false);
        var quote = tokenizer.Encode("\"", parseSpecial: false, addBos: false)[0];
        var comma = tokenizer.Encode(",", parseSpecial: false, addBos: false)[0];
        var request = new GenerationRequest
        {
            Messages = [new("user", "Look it up.")], Tools = [new ToolDefinition("look_up", null, "{}")], MaxTokens = begun.Length + 1, ResumeFrom = begun,
            Sampling = new() { Temperature = 0, LogitBias = new Dictionary<int, float> { [quote] = 100 } },
        };
        var named = await _engine.CompleteAsync(request, Cancellation);
        var text = named.Text + string.Concat(named.Events.OfType<ToolCallDelta>().Select(call => call.Name));
        Assert.Contains("look_up", text, StringComparison.Ordinal);

        int[] whole = [.. begun, .. tokenizer.Encode("\", \"arguments\": {\"a\": 1}}\n</tool_call", parseSpecial: false, addBos: false)];
        var close = tokenizer.Encode(">", parseSpecial: false, addBos: false)[0];
        var ended = await _engine.CompleteAsync(
            request with
            {
                ResumeFrom = whole, MaxTokens = whole.Length + 1,
                Sampling = new() { Temperature = 0, LogitBias = new Dictionary<int, float> { [close] = 100, [comma] = -100 } },
            },
            Cancellation);
        Assert.Equal(whole.Length + 1, ended.Finished.CompletionTokens);
        Assert.Equal("", ended.Text);
    }

    [Fact]
    public async Task Embed_is_of_length_1_and_the_same_beside_others()
    {
        var alone = await _engine.EmbedAsync("A text to be found again.", cancellation: Cancellation);
        Assert.Equal(64, alone.Vector.Length);
        Assert.Equal(1, alone.Vector.Sum(value => (double)value * value), 1e-5);
        Assert.Equal(_engine.Tokenize("A text to be found again.").Length, alone.Tokens);
        var others = Enumerable.Range(0, 5).Select(seed => _engine.CompleteAsync(s_greedy with { PromptTokens = Engines.Prompt(40, seed) }, Cancellation)).ToArray();
        var beside = await _engine.EmbedAsync("A text to be found again.", cancellation: Cancellation);
        await Task.WhenAll(others);
        Assert.Equal(alone.Vector, beside.Vector);
        Assert.NotEqual(alone.Vector, (await _engine.EmbedAsync("Another text.", cancellation: Cancellation)).Vector);
    }

    [Fact]
    public async Task Embed_empty_or_too_long_is_refused()
    {
        var empty = await Assert.ThrowsAsync<GenerationRejectedException>(() => _engine.EmbedAsync("", cancellation: Cancellation));
        Assert.Equal(GenerationRejection.EmptyPrompt, empty.Reason);
        var tooLong = await Assert.ThrowsAsync<GenerationRejectedException>(() => _engine.EmbedAsync(Engines.Prompt(257), cancellation: Cancellation));
        Assert.Equal(GenerationRejection.ContextLengthExceeded, tooLong.Reason);
        Assert.Equal(256, (await _engine.EmbedAsync(Engines.Prompt(256), cancellation: Cancellation)).Tokens);
        await Assert.ThrowsAsync<GenerationRejectedException>(() => _engine.EmbedAsync([500], cancellation: Cancellation));
    }
}
