using System.Net;
using System.Text.RegularExpressions;
using Flotilla.Core;
using Flotilla.Protocol.OpenAI.Inputs;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Moderation by a chat model that its operator has made a guard.</summary>
public sealed class GuardTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("unsafe\nS1,S10", true, "hate illicit illicit/violent violence")]
    [InlineData("\n\nunsafe\nS10", true, "hate")]
    [InlineData("UNSAFE \n s4 , S11", true, "self-harm sexual sexual/minors")]
    [InlineData("unsafe\nS6", true, "")]
    [InlineData("unsafe\nS99", true, "")]
    [InlineData("unsafe", true, "")]
    [InlineData("safe", false, "")]
    [InlineData(" Safe\nS1", false, "")]
    public async Task A_guards_words_become_categories(string said, bool flagged, string categories)
    {
        await using var gateway = await StartAsync(GuardPrompt.Template);
        var runtime = await GuardAsync(gateway, said);

        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"scripted","input":"You and your kind!"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await GatewayFixture.JsonAsync(response);
        Assert.StartsWith("modr-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        var result = Assert.Single(body.GetProperty("results").EnumerateArray());
        Assert.Equal(flagged, result.GetProperty("flagged").GetBoolean());
        var named = result.GetProperty("categories").EnumerateObject().Where(c => c.Value.GetBoolean()).Select(c => c.Name).Order(StringComparer.Ordinal);
        Assert.Equal(categories, string.Join(' ', named));
        Assert.Equal(named.Count(), result.GetProperty("category_scores").EnumerateObject().Count(s => s.Value.GetDouble() == 1));
        var run = await runtime.NextRunAsync(Ct);
        Assert.Equal("You and your kind!", Assert.Single(run.Text.Chat.Messages).Content);
        Assert.Equal(0, run.Text.Sampling.Temperature);
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal("completed", job.GetProperty("status").GetString());
        Assert.NotEqual("0", job.GetProperty("credits_charged").GetString());
    }

    [Fact]
    public async Task A_model_without_a_policy_of_its_own_gets_it_written()
    {
        await using var gateway = await StartAsync(GuardPrompt.Written);
        var runtime = await GuardAsync(gateway, "safe");

        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"scripted","input":[{"type":"text","text":"Good morning"}]}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var asked = Assert.Single((await runtime.NextRunAsync(Ct)).Text.Chat.Messages).Content;
        Assert.Contains("S14: Code Interpreter Abuse.", asked, StringComparison.Ordinal);
        Assert.Contains("\n\nUser: Good morning\n\n<END CONVERSATION>\n\n", asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I would rather not say.")]
    [InlineData("unsafely")]
    [InlineData(" ")]
    public async Task An_answer_that_is_no_verdict_is_an_error_that_nobody_repeats_and_costs_what_the_guard_did(string said)
    {
        await using var gateway = await StartAsync(GuardPrompt.Template);
        await GuardAsync(gateway, said);

        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"scripted","input":"a"}""");

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((502, "no_verdict"), (error.Status, error.Code));
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        var job = await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single());
        Assert.Equal("failed", job.GetProperty("status").GetString());
        Assert.True(Credits.TryParse(job.GetProperty("credits_charged").GetString()!, out var charged));
        Assert.Equal((Scripts.PromptLength * 10) + 40, charged.Micro);
    }

    [Fact]
    public async Task Several_texts_are_refused_by_name()
    {
        await using var gateway = await StartAsync(GuardPrompt.Template);
        await GuardAsync(gateway, "safe");

        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"scripted","input":["a","b"]}""");

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "input"), (error.Status, error.Param));
    }

    [Fact]
    public async Task A_guard_still_chats_and_a_chat_model_is_no_guard_by_itself()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await GuardAsync(gateway, "safe");

        using var chat = await gateway.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
        using var response = await gateway.PostAsync("/v1/moderations", """{"model":"scripted","input":"a"}""");
        Assert.Equal("model_not_for_endpoint", (await GatewayFixture.ErrorAsync(response)).Code);
    }

    [Fact]
    public void The_documents_table_is_that_of_the_code()
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "moderation.md"));
        var rows = Regex.Matches(document, @"^\| (S\d+) [^|]+\| ([^|]+) \|", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).ToDictionary(
            m => m.Groups[1].Value, m => Regex.Matches(m.Groups[2].Value, "`([^`]+)`", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(c => c.Groups[1].Value).ToArray());

        Assert.Equal(GuardAnswer.Categories.Count, rows.Count);
        Assert.All(GuardAnswer.Categories, c => Assert.Equal(c.Value, rows[c.Key]));
    }

    private static Task<GatewayFixture> StartAsync(GuardPrompt prompt) => GatewayFixture.StartAsync(
        configure: o => o with { Models = new Dictionary<string, ModelNotes> { [GatewayFixture.Model] = new() { Guard = prompt } } });

    private static async Task<ScriptedRuntime> GuardAsync(GatewayFixture gateway, string said)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model) { Script = Scripts.Answer(said) };
        await gateway.AddNodeAsync(runtime);
        return runtime;
    }
}
