using System.Globalization;
using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>One request, several models. The fixture's end sees that nothing is held and the books add up, so that each job was settled once.</summary>
public sealed class EnsembleTests
{
    private const string UsageWanted = "\"stream_options\":{\"include_usage\":true}";

    private static readonly string Free = 0m.ToString(CultureInfo.InvariantCulture);

    private static RunFailure Broken => new(Failed.Types.Code.Runtime, "broken", Retryable: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_alone_fall_back_and_only_who_answers_is_charged()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b", "c"]);
        fleet["a"].Script = Scripts.Fail(Broken);

        var answer = await fleet.JsonAsync("\"models\":[\"absent\",\"b\",\"c\"]");

        Assert.Equal("b", answer.GetProperty("model").GetString());
        Assert.Equal("b", answer.GetProperty("choices")[0].GetProperty("model").GetString());
        Assert.Equal("from b", EnsembleFixture.Content(answer));
        Assert.Equal([$"a failed {Free}", $"absent refused {Free}", $"b completed {Cost(2)}"], EnsembleFixture.Report(answer));
        Assert.Equal(EnsembleFixture.Cost(2), fleet.Spent());
        Assert.Equal(0, fleet["c"].Waiting);
    }

    [Fact]
    public async Task A_fallback_streams_and_ends_where_bytes_were_seen()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.Fail(Broken);
        var chunks = await fleet.ChunksAsync("\"models\":[\"a\",\"b\"]," + UsageWanted);
        Assert.Equal("from b", Text(chunks, 0));
        Assert.Equal([$"a failed {Free}", $"b completed {Cost(2)}"], EnsembleFixture.Report(chunks[^1]));

        fleet["a"].Script = Scripts.Fail(Broken, "seen ");
        var broken = await fleet.ChunksAsync("\"models\":[\"a\",\"b\"]", ends: false);
        Assert.True(broken[^1].TryGetProperty("error", out _));
        Assert.Equal(1, fleet["b"].Waiting);
    }

    [Fact]
    public async Task Where_nobody_answers_the_first_models_error_stands_and_nothing_is_charged()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.Fail(Broken);
        fleet["b"].Script = Scripts.Fail(new RunFailure(Failed.Types.Code.InvalidRequest, "no", Retryable: false));

        foreach (var strategy in new[] { "fallback", "race", "all", "vote" })
        {
            using var response = await fleet.AskAsync($"\"models\":[\"a\",\"b\"],\"strategy\":\"{strategy}\"");
            Assert.Equal("node_failed", (await GatewayFixture.ErrorAsync(response)).Code);
            Assert.True(response.Headers.Contains("x-flotilla-job-id"));
        }

        Assert.Equal(0, fleet.Spent());
    }

    [Fact]
    public async Task A_race_hears_the_first_and_the_loser_is_stopped_and_free()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerThenHang("too ", "late");

        var answer = await fleet.JsonAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"race\"");

        Assert.Equal("from b", EnsembleFixture.Content(answer));
        Assert.Equal("b", answer.GetProperty("model").GetString());
        Assert.Equal([$"a cancelled {Free}", $"b completed {Cost(2)}"], EnsembleFixture.Report(answer));
        await (await fleet["a"].NextRunAsync(Cancellation)).Cancelled.WaitAsync(Cancellation);
        Assert.Equal(EnsembleFixture.Cost(2), fleet.Spent());
    }

    [Fact]
    public async Task A_streamed_race_is_won_by_the_first_token()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerWhenPermitted("never");

        var chunks = await fleet.ChunksAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"race\"," + UsageWanted);

        Assert.Equal("from b", Text(chunks, 0));
        Assert.All(chunks, c => Assert.Equal("b", c.GetProperty("model").GetString()));
        Assert.Equal([$"a cancelled {Free}", $"b completed {Cost(2)}"], EnsembleFixture.Report(chunks[^1]));
        Assert.Equal(11 - 2, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task A_losers_hold_returns_while_the_winner_still_speaks()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerWhenPermitted("never");
        fleet["b"].Script = Scripts.AnswerWhenPermitted("one ", "two");

        var asking = fleet.AskAsync("\"stream\":true,\"models\":[\"a\",\"b\"],\"strategy\":\"race\",\"max_tokens\":10");
        await fleet["a"].NextRunAsync(Cancellation);
        var winner = await fleet["b"].NextRunAsync(Cancellation);
        var both = fleet.Gateway.Balance.Held;
        winner.Permit();
        using var response = await asking;
        while (fleet.Gateway.Balance.Held == both)
            await Task.Yield();
        Assert.Equal(both.Micro / 2, fleet.Gateway.Balance.Held.Micro);

        winner.Permit(2);
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_winner_that_breaks_ends_the_stream_with_an_error_and_what_came_is_charged()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerWhenPermitted("never");
        fleet["b"].Script = Scripts.Fail(Broken, "one ");

        var chunks = await fleet.ChunksAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"race\"", ends: false);

        Assert.Equal("node_failed", chunks[^1].GetProperty("error").GetProperty("code").GetString());
        Assert.True(fleet.Spent() > 0);
    }

    [Fact]
    public async Task Joined_names_give_a_choice_for_each_model()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);

        var answer = await fleet.JsonAsync("\"n\":2", model: "a+b");

        Assert.Equal("a+b", answer.GetProperty("model").GetString());
        Assert.Equal(["0 a from a", "1 a from a", "2 b from b", "3 b from b"], answer.GetProperty("choices").EnumerateArray().Select((c, i) =>
            $"{c.GetProperty("index").GetInt32()} {c.GetProperty("model").GetString()} {EnsembleFixture.Content(answer, i)}"));
        Assert.Equal((14, 8), (answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        Assert.Equal([$"a completed {Cost(4)}", $"b completed {Cost(4)}"], EnsembleFixture.Report(answer));
        Assert.Equal(2 * EnsembleFixture.Cost(4), fleet.Spent());
        Assert.Equal("all", answer.GetProperty("flotilla").GetProperty("strategy").GetString());
    }

    [Fact]
    public async Task Each_part_is_a_job_with_its_own_receipt()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);

        using var response = await fleet.AskAsync("", model: "a+b");
        var jobs = (await GatewayFixture.JsonAsync(response)).GetProperty("flotilla").GetProperty("models").EnumerateArray().Select(m => m.GetProperty("job_id").GetString()!).ToList();

        Assert.Equal(2, jobs.Distinct().Count());
        Assert.Equal(jobs[0], response.Headers.GetValues("x-flotilla-job-id").Single());
        foreach (var job in jobs)
        {
            using var receipt = await fleet.Gateway.GetAsync($"/v1/receipts/{job}");
            Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
            Assert.Equal(response.Headers.GetValues("x-request-id").Single(), (await fleet.Gateway.WhenSettledAsync(job)).GetProperty("request_id").GetString());
        }
    }

    [Fact]
    public async Task All_stream_interleaved_and_one_that_breaks_does_not_break_the_other()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.Fail(Broken, "half ");

        var chunks = await fleet.ChunksAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"all\"," + UsageWanted);

        Assert.Equal("half ", Text(chunks, 0));
        Assert.Equal("from b", Text(chunks, 1));
        var ends = chunks.SelectMany(c => c.GetProperty("choices").EnumerateArray()).Where(c => c.GetProperty("finish_reason").ValueKind == JsonValueKind.String)
            .ToDictionary(c => c.GetProperty("index").GetInt32());
        Assert.Equal(("error", "stop"), (ends[0].GetProperty("finish_reason").GetString(), ends[1].GetProperty("finish_reason").GetString()));
        Assert.Equal("node_failed", ends[0].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("b", ends[1].GetProperty("model").GetString());
        var report = chunks[^1].GetProperty("flotilla").GetProperty("models");
        Assert.Equal(report.EnumerateArray().Sum(m => m.GetProperty("credits").GetDecimal()), fleet.Spent());
        Assert.True(report[0].GetProperty("credits").GetDecimal() > 0);
    }

    [Fact]
    public async Task All_whole_shows_the_error_of_the_one_that_failed()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["b"].Script = Scripts.Fail(Broken, "half ");

        var answer = await fleet.JsonAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"all\"");

        Assert.Equal("from a", EnsembleFixture.Content(answer));
        Assert.Equal("error", answer.GetProperty("choices")[1].GetProperty("finish_reason").GetString());
        Assert.Equal("node_failed", answer.GetProperty("choices")[1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal([$"a completed {Cost(2)}", $"b failed {Free}"], EnsembleFixture.Report(answer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":true},")]
    public async Task A_vote_gives_what_most_say_and_charges_all_who_answered(string stream)
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b", "c", "d"]);
        fleet["a"].Script = Scripts.Answer("Paris?");
        fleet["b"].Script = Scripts.Answer("It is\n", "42.");
        fleet["c"].Script = Scripts.Answer("it  is ", "42. ");
        fleet["d"].Script = Scripts.Fail(Broken);
        const string Vote = "\"models\":[\"a\",\"b\",\"c\",\"d\"],\"strategy\":\"vote\"";

        JsonElement last;
        if (stream.Length == 0)
        {
            last = await fleet.JsonAsync(Vote);
            Assert.Equal("It is\n42.", EnsembleFixture.Content(last));
        }
        else
        {
            var chunks = await fleet.ChunksAsync(stream["\"stream\":true,".Length..] + Vote);
            Assert.Equal("It is\n42.", Text(chunks, 0));
            last = chunks[^1];
        }

        Assert.Equal("b", last.GetProperty("model").GetString());
        Assert.Equal([$"a completed {Cost(1)}", $"b completed {Cost(2)}", $"c completed {Cost(2)}", $"d failed {Free}"], EnsembleFixture.Report(last));
        Assert.Equal([1, 2, 2], last.GetProperty("flotilla").GetProperty("models").EnumerateArray().Where(m => m.TryGetProperty("votes", out _)).Select(m => m.GetProperty("votes").GetInt32()));
        Assert.Equal(EnsembleFixture.Cost(1) + (2 * EnsembleFixture.Cost(2)), fleet.Spent());
    }

    [Theory]
    [InlineData("2", "from b")]
    [InlineData("The best is answer 2.", "from b")]
    [InlineData("7", "from a")]
    [InlineData("I cannot say", "from a")]
    public async Task A_judge_chooses_and_where_it_does_not_the_first_stands(string word, string expected)
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b", "j"]);
        fleet["j"].Script = Scripts.Answer(word);

        var answer = await fleet.JsonAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"judge\",\"judge_model\":\"j\"");

        Assert.Equal(expected, EnsembleFixture.Content(answer));
        Assert.Equal([$"a completed {Cost(2)}", $"b completed {Cost(2)}", $"j completed {Cost(1)}"], EnsembleFixture.Report(answer));
        Assert.Equal("judge", answer.GetProperty("flotilla").GetProperty("models")[2].GetProperty("role").GetString());
        var prompt = (await fleet["j"].NextRunAsync(Cancellation)).Request.Work.ToString();
        Assert.Contains("from a", prompt, StringComparison.Ordinal);
        Assert.Contains("from b", prompt, StringComparison.Ordinal);
        Assert.Contains("user: hi", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_that_fails_or_is_not_needed_costs_nothing()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b", "j"]);
        const string Judge = "\"models\":[\"a\",\"b\"],\"strategy\":\"judge\",\"judge_model\":\"j\"";
        fleet["j"].Script = Scripts.Fail(Broken);
        Assert.Equal([$"a completed {Cost(2)}", $"b completed {Cost(2)}", $"j failed {Free}"], EnsembleFixture.Report(await fleet.JsonAsync(Judge)));

        fleet["a"].Script = Scripts.Fail(Broken);
        var alone = await fleet.JsonAsync(Judge);
        Assert.Equal("from b", EnsembleFixture.Content(alone));
        Assert.Equal([$"a failed {Free}", $"b completed {Cost(2)}", $"j cancelled {Free}"], EnsembleFixture.Report(alone));
    }

    [Theory]
    [InlineData("race")]
    [InlineData("all")]
    [InlineData("vote")]
    public async Task The_sum_is_affordable_or_nothing_starts(string strategy)
    {
        // One answer of ten tokens may cost some 2,000 µcr (the prompt's allowances and the tokens): two are too many.
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"], credits: "0.003");

        using var response = await fleet.AskAsync($"\"models\":[\"a\",\"b\"],\"strategy\":\"{strategy}\",\"max_tokens\":10");

        Assert.Equal(402, (int)response.StatusCode);
        Assert.Equal((0, 0), (fleet["a"].Waiting, fleet["b"].Waiting));
        Assert.Equal(0, fleet.Spent(0.003m));
    }

    [Theory]
    [InlineData("race")]
    [InlineData("all")]
    [InlineData("vote")]
    [InlineData("fallback")]
    public async Task A_client_that_leaves_stops_every_part_and_pays_for_nothing_it_did_not_get(string strategy)
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);
        fleet["a"].Script = Scripts.AnswerThenHang("one");
        fleet["b"].Script = strategy == "race" ? Scripts.AnswerThenHang("two") : Scripts.Answer("two");
        using var leaving = new CancellationTokenSource();

        var asking = SendAsync(fleet, $"\"models\":[\"a\",\"b\"],\"strategy\":\"{strategy}\"", leaving.Token);
        var run = await fleet["a"].NextRunAsync(Cancellation);
        await run.WhenEmittedAsync(1, Cancellation);
        if (strategy != "fallback")
            await (await fleet["b"].NextRunAsync(Cancellation)).WhenEmittedAsync(1, Cancellation);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await run.Cancelled.WaitAsync(Cancellation);
        while (fleet.Gateway.Balance.Held > Credits.Zero)
            await Task.Yield();

        Assert.Equal(0, fleet.Spent());
    }

    [Theory]
    [InlineData("a", "\"models\":[\"a\",\"b\",\"b\"]", "models")]
    [InlineData("a", "\"models\":[\"b\",\"alias-of-b\"],\"strategy\":\"all\"", "models")]
    [InlineData("a", "\"models\":[\"a+b\",\"b\"]", "models")]
    [InlineData("a+b+a", "\"n\":1", "model")]
    [InlineData("a+b+c+d+e+f+g+h+i", "\"n\":1", "model")]
    [InlineData("a", "\"strategy\":\"vote\"", "strategy")]
    [InlineData("a", "\"models\":[\"a\"],\"strategy\":\"race\"", "strategy")]
    public async Task What_cannot_be_asked_together_is_400(string model, string more, string param)
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"], configure: o => o with { Aliases = new Dictionary<string, string> { ["alias-of-b"] = "b" } });

        using var response = await fleet.AskAsync(more, model);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, param), (error.Status, error.Param));
    }

    [Fact]
    public async Task A_name_with_a_plus_of_its_own_is_one_model()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["command-r+", "x+y"]);

        Assert.Equal("from x+y", EnsembleFixture.Content(await fleet.JsonAsync("", model: "x+y")));
        Assert.False((await fleet.JsonAsync("", model: "command-r+")).TryGetProperty("flotilla", out _));
        using var unknown = await fleet.AskAsync("", model: "command-x+");
        Assert.Equal("model_not_found", (await GatewayFixture.ErrorAsync(unknown)).Code);
    }

    [Fact]
    public async Task Completions_of_several_prompts_and_models_keep_their_echo()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b"]);

        using var response = await fleet.Gateway.PostAsync("/v1/completions", """{"model":"a+b","prompt":["one ","two "],"echo":true}""");
        var answer = await GatewayFixture.JsonAsync(response);

        Assert.Equal(["a one from a", "a two from a", "b one from b", "b two from b"],
            answer.GetProperty("choices").EnumerateArray().Select(c => $"{c.GetProperty("model").GetString()} {c.GetProperty("text").GetString()}"));
    }

    [Fact]
    public async Task Provider_preferences_hold_for_every_part_and_the_judge()
    {
        await using var fleet = await EnsembleFixture.StartAsync(["a", "b", "j"]);

        using var response = await fleet.AskAsync("\"models\":[\"a\",\"b\"],\"strategy\":\"judge\",\"judge_model\":\"j\",\"provider\":{\"only\":[\"EU\"]}");

        Assert.Equal("no_workers_available", (await GatewayFixture.ErrorAsync(response)).Code);
        Assert.Equal((0, 0, 0), (fleet["a"].Waiting, fleet["b"].Waiting, fleet["j"].Waiting));
    }

    private static string Cost(int completionTokens) => EnsembleFixture.Cost(completionTokens).ToString("0.######", CultureInfo.InvariantCulture);

    private static string Text(IEnumerable<JsonElement> chunks, int choice) => string.Concat(chunks
        .SelectMany(c => c.GetProperty("choices").EnumerateArray()).Where(c => c.GetProperty("index").GetInt32() == choice)
        .Select(c => c.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));

    private static async Task SendAsync(EnsembleFixture fleet, string more, CancellationToken leaving)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(GatewayFixture.Chat(more, "a"), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", fleet.Gateway.ApiKey);
        using var response = await fleet.Gateway.Http.SendAsync(request, leaving);
    }
}
