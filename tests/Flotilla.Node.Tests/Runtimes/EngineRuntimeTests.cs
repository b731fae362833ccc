using System.Security.Cryptography;
using Flotilla.Engine;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Models;
using Google.Protobuf;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

public sealed class EngineRuntimeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_offered_with_its_digests()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var state = await runtime.ProbeAsync(Ct);
        var model = Assert.Single(state.Models);
        Assert.Equal(("tiny", "engine", 256u), (model.Name, model.Runtime, model.ContextTokens));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file.Path, Ct))), model.ModelDigest);
        Assert.Contains("tool_use", model.Capabilities);
        Assert.NotEqual("", model.NumericsId);
    }

    [Fact]
    public async Task The_usage_is_the_sum_of_the_events_over_all_choices()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var (result, output) = await RunAsync(runtime, Chat(choices: 3));
        Assert.Null(result.Failure);
        Assert.Equal(output.Events.Sum(e => e.TokenCount), result.Usage.CompletionTokens);
        Assert.InRange(result.Usage.CompletionTokens, 3u, 36u);
        Assert.Equal(Assert.Single(output.Events, e => e.PromptReady is not null).PromptReady.PromptTokens, result.Usage.PromptTokens);
        Assert.Equal([0u, 1u, 2u], output.Events.Where(e => e.ChoiceDone is not null).Select(e => e.Choice).Order());
        Assert.Equal(SHA256.HashSizeInBytes, result.TraceRoot.Length);
        Assert.All(output.Events, e => Assert.True(e.Tokens.Count == e.TokenCount));
    }

    [Fact]
    public async Task Several_prompts_are_told_and_counted_each()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = new TextRequest
        {
            Prompts = new Prompts { Items = { new Prompt { Text = "one" }, new Prompt { TokenIds = new TokenIds { Ids = { 5, 6, 7 } } } } },
            MaxTokens = 4,
            Choices = 2,
            IgnoreEos = true,
        };
        var (result, output) = await RunAsync(runtime, work);
        Assert.Equal(16u, result.Usage.CompletionTokens);
        var ready = output.Events.Where(e => e.PromptReady is not null).OrderBy(e => e.Choice).ToArray();
        Assert.Equal([0u, 2u], ready.Select(e => e.Choice));
        Assert.Equal(3u, ready[1].PromptReady.PromptTokens);
        Assert.Equal(ready.Sum(e => e.PromptReady.PromptTokens), result.Usage.PromptTokens);
    }

    [Fact]
    public async Task A_resumed_choice_goes_on_as_if_it_had_never_stopped()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = Chat();
        work.IgnoreEos = true;
        var (whole, wholeOutput) = await RunAsync(runtime, work);
        var ids = Ids(wholeOutput);

        var resume = new Dictionary<uint, IReadOnlyList<uint>> { [0] = ids[..5] };
        var (rest, restOutput) = await RunAsync(runtime, work, resume: resume);
        Assert.Equal(ids[5..], Ids(restOutput));
        Assert.Equal(Convert.ToHexStringLower(whole.TraceRoot.Span), Convert.ToHexStringLower(rest.TraceRoot.Span));
        Assert.Equal((uint)ids.Length - 5, rest.Usage.CompletionTokens);
        Assert.Equal(wholeOutput.Text, Prefix(wholeOutput, 5) + restOutput.Text);
    }

    [Fact]
    public async Task A_completion_is_no_shorter_than_was_asked_for()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = Chat();
        (work.MaxTokens, work.MinTokens) = (20, 7);
        work.Sampling = new Sampling { Temperature = 0, LogitBias = { [(uint)SyntheticModel.EndOfTurn(new SyntheticModelOptions())] = 100 } };
        Assert.Equal(7u, (await RunAsync(runtime, work)).Result.Usage.CompletionTokens);
    }

    [Fact]
    public async Task A_template_that_states_the_date_has_it_from_the_job_and_from_no_clock()
    {
        using var file = SyntheticModelFile.Create(new SyntheticModelOptions { ChatTemplate = "{{ strftime_now('%d %B %Y') }}" + SyntheticModel.ChatMl });
        await using var runtime = await LoadAsync(file);

        async Task<string> RootAsync(DateTimeOffset? now)
        {
            var work = Chat();
            work.NowUnixMs = (ulong)(now?.ToUnixTimeMilliseconds() ?? 0);
            return Convert.ToHexStringLower((await RunAsync(runtime, work)).Result.TraceRoot.Span);
        }

        var day = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(await RootAsync(day), await RootAsync(day));
        Assert.NotEqual(await RootAsync(day), await RootAsync(day.AddDays(1)));
        // The standard date.
        Assert.Equal(await RootAsync(null), await RootAsync(new DateTimeOffset(2024, 7, 26, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task Logprobs_come_with_bytes_and_alternatives_where_asked_for()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = Chat();
        work.TopLogprobs = 3;
        var (_, output) = await RunAsync(runtime, work);
        var tokens = output.Events.SelectMany(e => e.Tokens).ToArray();
        Assert.NotEmpty(tokens);
        Assert.All(tokens, t => Assert.True(t.HasLogprob && float.IsFinite(t.Logprob) && t.Top.Count == 3));
        var (_, without) = await RunAsync(runtime, Chat());
        Assert.All(without.Events.SelectMany(e => e.Tokens), t => Assert.False(t.HasLogprob));
    }

    [Fact]
    public async Task A_prompts_tokens_are_told_once_and_before_all_output()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = new TextRequest
        {
            Prompts = new Prompts { Items = { new Prompt { Text = new string('x', 60) }, new Prompt { TokenIds = new TokenIds { Ids = { 5, 6, 7 } } } } },
            MaxTokens = 4, Choices = 3, IgnoreEos = true, PromptLogprobs = 2,
        };
        // Twice: the second time others have computed the prompt.
        for (var round = 0; round < 2; round++)
        {
            var (result, output) = await RunAsync(runtime, work);
            Assert.Null(result.Failure);
            var rules = new OutputRules(JobKind.Text, JobKind.Text.Shape(work));
            Assert.All(output.Events, item => Assert.Null(rules.Admit(item, out _)));
            Assert.Equal(-1, rules.Open);
            var told = output.Events.Where(e => e.PromptTokens is not null).SelectMany(e => e.PromptTokens.Tokens, (e, t) => (e.Choice, Token: t)).ToArray();
            Assert.Equal(result.Usage.PromptTokens, (uint)told.Length);
            Assert.Equal([5u, 6u, 7u], told.Where(t => t.Choice == 3).Select(t => t.Token.Id));
            Assert.All(told.Where(t => t.Token.HasLogprob), t => Assert.Equal(2, t.Token.Top.Count));
            Assert.Equal(0u, result.Usage.CachedTokens);
        }

        Assert.Contains("prompt_logprobs", (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);
    }

    [Fact]
    public async Task More_of_a_prompts_log_probabilities_than_an_answer_holds_are_refused_with_both_numbers()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = new TextRequest { MaxTokens = 1, Choices = 128, IgnoreEos = true, PromptLogprobs = 20, Prompts = new Prompts { Items = { new Prompt { TokenIds = new TokenIds() } } } };
        work.Prompts.Items[0].TokenIds.Ids.AddRange(Enumerable.Range(0, 190).Select(id => (uint)id));
        var (result, output) = await RunAsync(runtime, work);
        Assert.Equal((Code.InvalidRequest, "prompt_logprobs", 500_000ul, 190ul * 21 * 128), (result.Failure!.Code, result.Failure.Param, result.Failure.Limit, result.Failure.Value));
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_is_refused_with_both_numbers()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var (result, output) = await RunAsync(runtime, Chat(new string('x', 5000)));
        Assert.Equal((Code.ContextLength, "messages", 256ul), (result.Failure!.Code, result.Failure.Param, result.Failure.Limit));
        Assert.InRange(result.Failure.Value, 257ul, 6000ul);
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task A_count_is_the_prompt_that_the_chat_itself_would_have()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var chat = Chat("how long am I?").Chat;
        chat.Tools.Add(new Tool { Name = "f", Parameters = "{}" });

        var (counted, output) = await RunAsync(runtime, new CountRequest { Chat = chat }, JobKind.Count);
        var (answered, _) = await RunAsync(runtime, new TextRequest { Chat = chat, MaxTokens = 1, Choices = 1 });

        Assert.Null(counted.Failure);
        Assert.True(counted.Usage.PromptTokens > 0);
        Assert.Equal(answered.Usage.PromptTokens, counted.Usage.PromptTokens);
        Assert.Equal((0u, 0), (counted.Usage.CompletionTokens, counted.TraceRoot.Length));
        Assert.Equal([Event.BodyOneofCase.PromptReady, Event.BodyOneofCase.ChoiceDone], output.Events.Select(e => e.BodyCase));
        var (tooLong, _) = await RunAsync(runtime, new CountRequest { Chat = Chat(new string('x', 5000)).Chat }, JobKind.Count);
        Assert.Equal((Code.ContextLength, 256ul), (tooLong.Failure!.Code, tooLong.Failure.Limit));
    }

    [Fact]
    public async Task How_much_to_think_reaches_a_template_that_takes_it_and_no_other()
    {
        const string Template = "{{ messages[0].content }}{% if enable_thinking is defined and not enable_thinking %} Do not think.{% endif %}";
        using var file = SyntheticModelFile.Create(new SyntheticModelOptions { ChatTemplate = Template });
        await using var runtime = await LoadAsync(file);
        var work = Chat();
        var (free, _) = await RunAsync(runtime, work);
        work.Chat.ReasoningEffort = "none";
        var (none, _) = await RunAsync(runtime, work);
        Assert.True(none.Usage.PromptTokens > free.Usage.PromptTokens);
        Assert.Equal(none.Usage.PromptTokens, (await RunAsync(runtime, new CountRequest { Chat = work.Chat }, JobKind.Count)).Result.Usage.PromptTokens);
        Assert.Contains("reasoning_effort", (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);

        using var other = SyntheticModelFile.Create();
        await using var without = await LoadAsync(other);
        Assert.DoesNotContain("reasoning_effort", (await without.ProbeAsync(Ct)).Models[0].Capabilities);
        var refused = (await RunAsync(without, work)).Result.Failure!;
        Assert.Equal((Code.Unsupported, "reasoning_effort"), (refused.Code, refused.Param));
    }

    [Fact]
    public async Task The_stop_text_that_ended_a_choice_is_told()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        var work = Chat();
        work.IgnoreEos = true;
        var (_, free) = await RunAsync(runtime, work);
        var stop = free.Text.Substring(free.Text.Length / 2, 1);
        work.Stop.AddRange(["never said", stop]);

        var (_, stopped) = await RunAsync(runtime, work);

        Assert.Equal(stop, Assert.Single(stopped.Events, e => e.ChoiceDone is not null).ChoiceDone.Stop);
        Assert.Equal("", Assert.Single(free.Events, e => e.ChoiceDone is not null).ChoiceDone.Stop);
    }

    [Fact]
    public async Task A_model_without_a_template_takes_no_chat()
    {
        using var file = SyntheticModelFile.Create(new SyntheticModelOptions { ChatTemplate = null });
        await using var runtime = await LoadAsync(file);
        Assert.DoesNotContain("chat", (await runtime.ProbeAsync(Ct)).Models[0].Capabilities);
        Assert.Equal(Code.Unsupported, (await RunAsync(runtime, Chat())).Result.Failure!.Code);
    }

    [Fact]
    public async Task A_cancelled_job_ends_at_the_next_token()
    {
        using var file = SyntheticModelFile.Create();
        await using var runtime = await LoadAsync(file);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var work = Chat(maxTokens: 200);
        work.IgnoreEos = true;
        var output = new CollectingOutput();
        var running = runtime.RunAsync(await RequestAsync(runtime, work), output, cancel.Token);
        await output.First.WaitAsync(Ct);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static TextRequest Chat(string prompt = "hi", uint maxTokens = 12, uint choices = 1) => new()
    {
        // The newer name of the system's role must reach the template under the older one.
        Chat = new Chat { Messages = { new Message { Role = "developer", Content = "Be brief." }, new Message { Role = "user", Content = prompt } } },
        MaxTokens = maxTokens,
        Choices = choices,
    };

    private static async Task<EngineRuntime> LoadAsync(SyntheticModelFile file) =>
        new(await InferenceEngine.LoadAsync(file.Path, new EngineOptions { Threads = 1 }, null, Ct), "tiny");

    private static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(
        EngineRuntime runtime, IMessage work, JobKind? kind = null, IReadOnlyDictionary<uint, IReadOnlyList<uint>>? resume = null)
    {
        var output = new CollectingOutput();
        var request = await RequestAsync(runtime, work, kind);
        return (await runtime.RunAsync(resume is null ? request : request with { Resume = resume }, output, Ct), output);
    }

    private static async Task<RunRequest> RequestAsync(EngineRuntime runtime, IMessage work, JobKind? kind = null) => new()
    {
        JobId = "job_1",
        Model = (await runtime.ProbeAsync(Ct)).Models[0],
        Kind = kind ?? JobKind.Text,
        Work = work,
        Shape = (kind ?? JobKind.Text).Shape(work),
        Seed = 42,
        Resume = new Dictionary<uint, IReadOnlyList<uint>>(),
    };

    private static uint[] Ids(CollectingOutput output) => [.. output.Events.SelectMany(e => e.Tokens).Select(t => t.Id)];

    // The text that belongs to the first tokens: whatever came before the event that holds a later one.
    private static string Prefix(CollectingOutput output, int tokens)
    {
        var seen = 0;
        return string.Concat(output.Events.TakeWhile(e => (seen += (int)e.TokenCount) <= tokens).Select(e => e.Text?.Text_));
    }
}
