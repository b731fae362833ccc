using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.Engine.Tests.Chat;
using Flotilla.Testing.Models;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>Models of random weights, which write nothing but nonsense, held to forms.</summary>
public sealed class FormGenerationTests
{
    private const string Person = """{"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":18,"maximum":99},"mood":{"enum":["good","bad"]}},"required":["name","age","mood"],"additionalProperties":false}""";

    private static readonly SyntheticModelOptions s_model = new() { ChatTemplate = SyntheticModel.ChatMl + "{# <tool_call> #}", Context = 1024 };

    private static readonly ToolDefinition[] s_tools =
    [
        new("get_weather", "Tells the weather.", """{"type":"object","properties":{"city":{"enum":["Rome","Oslo"]}},"required":["city"],"additionalProperties":false}""") { IsStrict = true },
        new("roll", null, """{"type":"object","properties":{"sides":{"type":"integer","minimum":2,"maximum":20}},"required":["sides"]}"""),
    ];

    private static GenerationRequest Request(int seed) => new()
    {
        PromptTokens = Engines.Prompt(9, seed), MaxTokens = 400, AnswerSchema = Person, Sampling = new() { Seed = (ulong)seed, Temperature = 1.5f },
    };

    [Fact]
    public async Task Every_answer_is_of_the_form()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        for (var seed = 0; seed < 20; seed++)
        {
            var answer = await engine.CompleteAsync(Request(seed), TestContext.Current.CancellationToken);
            Assert.Equal(FinishReason.Stop, answer.Finished.Reason);
            var person = JsonNode.Parse(answer.Text)!.AsObject();
            Assert.Equal(["name", "age", "mood"], person.Select(p => p.Key));
            Assert.InRange((int)person["age"]!, 18, 99);
            Assert.Contains((string)person["mood"]!, (string[])["good", "bad"]);
        }
    }

    [Theory]
    [InlineData(0f, 0, 1f, 0f)]
    [InlineData(1f, 5, 1f, 0f)]
    [InlineData(1f, 0, 0.9f, 0f)]
    [InlineData(2f, 0, 1f, 0.2f)]
    public async Task However_tokens_are_drawn_the_form_is_kept(float temperature, int topK, float topP, float minP)
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var sampling = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, FrequencyPenalty = 1, Seed = 5, LogitBias = new Dictionary<int, float> { [0] = 100, [7] = -100 } };
        var answer = await engine.CompleteAsync(Request(3) with { Sampling = sampling }, TestContext.Current.CancellationToken);
        Assert.NotNull(JsonNode.Parse(answer.Text)!["mood"]);
    }

    [Fact]
    public async Task Threads_neighbours_and_resumption_change_nothing()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var one = await Engines.LoadAsync(s_model);
        await using var two = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 2, ParallelCostMin = 0 });
        var whole = await one.CompleteAsync(Request(1), cancellation);
        var others = Enumerable.Range(2, 5).Select(seed => two.CompleteAsync(Request(seed), cancellation)).ToArray();
        Assert.Equal(whole.Root, (await two.CompleteAsync(Request(1), cancellation)).Root);
        await Task.WhenAll(others);
        for (var known = 0; known <= whole.Tokens.Count; known += 3)
        {
            var rest = await two.CompleteAsync(Request(1) with { ResumeFrom = [.. whole.Tokens.Take(known)] }, cancellation);
            Assert.Equal(whole.Root, rest.Root);
            Assert.Equal(whole.Tokens.Skip(known), rest.Tokens);
        }
    }

    [Fact]
    public async Task Tokens_to_resume_from_that_break_the_form_end_the_generation()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var failure = await Assert.ThrowsAsync<GenerationFailedException>(
            () => engine.CompleteAsync(Request(1) with { ResumeFrom = [5, 6, 7] }, TestContext.Current.CancellationToken));
        Assert.Equal(GenerationFailure.FormNotKept, failure.Reason);
    }

    [Fact]
    public async Task An_answer_that_is_cut_ends_by_its_length()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var answer = await engine.CompleteAsync(Request(1) with { MaxTokens = 3 }, TestContext.Current.CancellationToken);
        Assert.Equal((FinishReason.Length, 3), (answer.Finished.Reason, answer.Tokens.Count));
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(answer.Text));
    }

    [Fact]
    public async Task A_complete_form_ends_even_where_ends_are_ignored()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var answer = await engine.CompleteAsync(Request(1) with { IgnoreEos = true }, TestContext.Current.CancellationToken);
        Assert.Equal(FinishReason.Stop, answer.Finished.Reason);
    }

    [Fact]
    public async Task A_required_call_is_made_with_arguments_of_its_schema()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        for (var seed = 0; seed < 10; seed++)
        {
            var answer = await engine.CompleteAsync(Chat(seed, new ToolUse { IsRequired = true, IsSingle = true }), TestContext.Current.CancellationToken);
            Assert.Equal(FinishReason.ToolCalls, answer.Finished.Reason);
            var call = Assert.Single(Calls(answer));
            CheckCall(call);
            Assert.Equal("", answer.Text.Trim());
        }
    }

    [Fact]
    public async Task Calls_are_made_in_the_way_of_each_family()
    {
        foreach (var (template, format) in FamilyTemplates.All)
        {
            await using var engine = await Engines.LoadAsync(s_model with { ChatTemplate = template });
            Assert.True(engine.Model.HoldsToolCalls);
            var answer = await engine.CompleteAsync(Chat(1, new ToolUse { IsRequired = true, IsSingle = true }), TestContext.Current.CancellationToken);
            Assert.True(answer.Finished.Reason == FinishReason.ToolCalls, format);
            CheckCall(Assert.Single(Calls(answer)));
            // The arguments come as they are written, not when they are complete.
            Assert.True(answer.Events.OfType<ToolCallDelta>().Count(d => d.Arguments.Length > 0) >= 3, format);
            var free = await engine.CompleteAsync(Chat(1, new ToolUse()) with { Tools = [] }, TestContext.Current.CancellationToken);
            Assert.Empty(Calls(free));
        }
    }

    [Fact]
    public async Task A_named_tool_is_the_one_that_is_called()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        for (var seed = 0; seed < 5; seed++)
        {
            var answer = await engine.CompleteAsync(Chat(seed, new ToolUse { IsRequired = true, Name = "roll" }), TestContext.Current.CancellationToken);
            Assert.All(Calls(answer), call => Assert.Equal("roll", call.Name));
            Assert.NotEmpty(Calls(answer));
            Assert.All(Calls(answer).SkipLast(answer.Finished.Reason == FinishReason.Length ? 1 : 0), CheckCall);
        }
    }

    [Fact]
    public async Task Strict_tools_bind_calls_and_leave_text_free()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var request = Chat(1, new ToolUse()) with { Tools = [s_tools[1]], MaxTokens = 60, Sampling = new() { Temperature = 0 } };
        var free = await engine.CompleteAsync(request with { IgnoreEos = true }, TestContext.Current.CancellationToken);
        var bound = await engine.CompleteAsync(request with { Tools = [s_tools[1] with { IsStrict = true }] }, TestContext.Current.CancellationToken);
        // Later on control tokens are drawn, which a form does not let through.
        Assert.Equal(free.Text[..40], bound.Text[..40]);
    }

    [Fact]
    public async Task A_call_that_the_model_begins_is_of_a_tool_that_was_offered_with_arguments_of_its_schema()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        await using var other = await Engines.LoadAsync(s_model, new EngineOptions { Threads = 2, ParallelCostMin = 0 });
        var begun = engine.Tokenizer.Encode("Well. <tool_call>", parseSpecial: false, addBos: false);
        for (var seed = 0; seed < 5; seed++)
        {
            var request = Chat(seed, new ToolUse()) with { Tools = [.. s_tools.Select(t => t with { IsStrict = false })] };
            var answer = await engine.CompleteAsync(request with { ResumeFrom = begun }, TestContext.Current.CancellationToken);
            Assert.NotEmpty(Calls(answer));
            Assert.All(Calls(answer).SkipLast(answer.Finished.Reason == FinishReason.Length ? 1 : 0), CheckCall);
            int[] half = [.. begun, .. answer.Tokens.Take(answer.Tokens.Count / 2)];
            Assert.Equal(answer.Root, (await other.CompleteAsync(request with { ResumeFrom = half }, TestContext.Current.CancellationToken)).Root);
        }
    }

    [Theory]
    [InlineData("""{"type":"object","minProperties":1}""", "'minProperties'")]
    [InlineData("{", "no JSON")]
    public async Task A_schema_that_cannot_be_kept_is_refused_or_where_that_is_enough_becomes_any_object(string schema, string named)
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var refusal = await Assert.ThrowsAsync<GenerationRejectedException>(
            () => engine.CompleteAsync(Request(1) with { AnswerSchema = schema }, TestContext.Current.CancellationToken));
        Assert.Equal(GenerationRejection.FormNotSupported, refusal.Reason);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        var answer = await engine.CompleteAsync(Request(1) with { AnswerSchema = schema, IsSchemaStrict = false, MaxTokens = 60 }, TestContext.Current.CancellationToken);
        Assert.Equal('{', answer.Text.TrimStart()[0]);
    }

    [Fact]
    public async Task Hostile_schemas_are_refused_and_the_engine_serves_on()
    {
        await using var engine = await Engines.LoadAsync(s_model);
        var deep = string.Concat(Enumerable.Repeat("{\"items\":", 60_000)) + "{}" + new string('}', 60_000);
        var choices = string.Join(',', Enumerable.Range(0, 20).Select(i => $$"""{"anyOf":[{"type":"object","required":["a{{i}}"]},{"type":"object","required":["b{{i}}"]}]}"""));
        var wide = string.Join(',', Enumerable.Range(0, 60).Select(i => "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":" + (900 + i) + "}}"));
        foreach (var schema in (string[])[deep, $$"""{"allOf":[{{choices}}]}""", $$"""{"anyOf":[{{wide}}]}""", $$"""{"enum":["{{new string('x', 70_000)}}"]}"""])
        {
            var refusal = await Assert.ThrowsAsync<GenerationRejectedException>(
                () => engine.CompleteAsync(Request(1) with { AnswerSchema = schema }, TestContext.Current.CancellationToken));
            Assert.Equal(GenerationRejection.FormNotSupported, refusal.Reason);
        }

        Assert.Equal(FinishReason.Stop, (await engine.CompleteAsync(Request(1), TestContext.Current.CancellationToken)).Finished.Reason);
    }

    private static GenerationRequest Chat(int seed, ToolUse use) => new()
    {
        Messages = [new ChatMessage("user", "Hi")], Tools = s_tools, ToolUse = use, MaxTokens = 400, Sampling = new() { Seed = (ulong)seed },
    };

    private static IReadOnlyList<(string Name, string Arguments)> Calls(Completion answer) =>
        [.. answer.Events.OfType<ToolCallDelta>().GroupBy(c => c.Index).Select(c => (c.First().Name!, string.Concat(c.Select(d => d.Arguments))))];

    private static void CheckCall((string Name, string Arguments) call)
    {
        var arguments = JsonNode.Parse(call.Arguments)!.AsObject();
        if (call.Name == "roll")
            Assert.InRange((int)arguments["sides"]!, 2, 20);
        else
            Assert.Contains((string)arguments["city"]!, (string[])["Rome", "Oslo"]);
    }
}
