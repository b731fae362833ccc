using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Flotilla.Core;
using Flotilla.Gateway.Batches;
using Flotilla.Gateway.Files;
using Flotilla.Gateway.State;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Webhooks;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;

namespace Flotilla.Gateway.Tests.Batches;

/// <summary>Batches through the public door: file in, files out, money right.</summary>
public sealed class BatchTests
{
    private const long OneLine = ((7 * 10) + (4 * 40)) / 2;
    private const long Begun = 1000 * 1_000_000L;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_line_is_answered_once_at_half_the_price()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        const int Lines = 300;

        var batch = await CreateAsync(gateway, string.Concat(Enumerable.Range(1, Lines).Select(i => Line($"c{i}"))), """ "metadata":{"team":"blue"} """);
        Assert.Equal("validating", batch.GetProperty("status").GetString());
        var done = await WhenOverAsync(gateway, batch);

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal((Lines, Lines, 0), Counts(done));
        Assert.Equal("blue", done.GetProperty("metadata").GetProperty("team").GetString());
        Assert.Equal(GatewayFixture.Model, done.GetProperty("model").GetString());
        Assert.Equal(7 * Lines, done.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.Equal(4 * Lines, done.GetProperty("usage").GetProperty("output_tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, done.GetProperty("error_file_id").ValueKind);
        Assert.Equal(86_400, done.GetProperty("expires_at").GetInt64() - done.GetProperty("created_at").GetInt64());
        var lines = await LinesAsync(gateway, done, "output_file_id");
        Assert.Equal(Enumerable.Range(1, Lines).Select(i => $"c{i}").Order(), lines.Select(l => l.GetProperty("custom_id").GetString()!).Order());
        Assert.Equal(Lines, lines.Select(l => l.GetProperty("id").GetString()).Distinct().Count());
        Assert.All(lines, l =>
        {
            var response = l.GetProperty("response");
            Assert.Equal(200, response.GetProperty("status_code").GetInt32());
            Assert.StartsWith("req_", response.GetProperty("request_id").GetString(), StringComparison.Ordinal);
            Assert.Equal("Hello, world!", response.GetProperty("body").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
            Assert.Equal(JsonValueKind.Null, l.GetProperty("error").ValueKind);
        });
        Assert.Equal(Begun - (Lines * OneLine), gateway.Balance.Available.Micro);
        using var file = await gateway.GetAsync($"/v1/files/{done.GetProperty("output_file_id").GetString()}");
        Assert.Equal("batch_output", (await GatewayFixture.JsonAsync(file)).GetProperty("purpose").GetString());
    }

    [Fact]
    public async Task Bad_lines_are_named_by_their_number_and_the_good_ones_run()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        string[] text =
        [
            Line("good"), "{\n", "\n", "[1]\n", Line("good"), Line("", "x"), Line("url", url: "/v1/embeddings"), Line("method", method: "GET"),
            "{\"custom_id\":\"no body\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\"}\n", Line("stream", "\"stream\":true"), Line("refused", "\"temperature\":9"), Line("last").TrimEnd('\n'),
        ];

        var done = await WhenOverAsync(gateway, await CreateAsync(gateway, string.Concat(text)));

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal((11, 2, 9), Counts(done));
        Assert.Equal(
            [(2, "invalid_json_line"), (4, "invalid_json_line"), (5, "duplicate_custom_id"), (6, "missing_required_parameter"), (7, "mismatched_url"), (8, "invalid_method"), (9, "missing_required_parameter"), (10, "invalid_value")],
            done.GetProperty("errors").GetProperty("data").EnumerateArray().Select(e => (e.GetProperty("line").GetInt32(), e.GetProperty("code").GetString()!)));
        Assert.Equal(["good", "last"], (await LinesAsync(gateway, done, "output_file_id")).Select(l => l.GetProperty("custom_id").GetString()!).Order());
        var errors = await LinesAsync(gateway, done, "error_file_id");
        Assert.Equal(9, errors.Length);
        var refused = errors.Single(e => e.GetProperty("custom_id").GetString() == "refused").GetProperty("response");
        Assert.Equal(400, refused.GetProperty("status_code").GetInt32());
        Assert.Equal("temperature", refused.GetProperty("body").GetProperty("error").GetProperty("param").GetString());
        Assert.Equal(Begun - (2 * OneLine), gateway.Balance.Available.Micro);
    }

    [Theory]
    [InlineData("", "empty_file")]
    [InlineData("\n\n", "empty_file")]
    [InlineData("no json\n", "invalid_json_line")]
    public async Task A_file_without_a_good_line_fails(string content, string code)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        var done = await WhenOverAsync(gateway, await CreateAsync(gateway, content));

        Assert.Equal("failed", done.GetProperty("status").GetString());
        Assert.Equal(code, done.GetProperty("errors").GetProperty("data")[0].GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, done.GetProperty("output_file_id").ValueKind);
    }

    [Fact]
    public async Task Lines_may_stand_in_the_request()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.PostAsync("/v1/batches", $$"""{"endpoint":"/v1/chat/completions","requests":[{"body":{{GatewayFixture.Chat()}}},{"custom_id":"mine","body":{{GatewayFixture.Chat()}}}]}""");
        var done = await WhenOverAsync(gateway, await GatewayFixture.JsonAsync(response));

        Assert.Equal(["mine", "request-1"], (await LinesAsync(gateway, done, "output_file_id")).Select(l => l.GetProperty("custom_id").GetString()!).Order());
    }

    [Fact]
    public async Task A_cancelled_batch_ends_what_runs_and_keeps_what_was_answered()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var batch = await CreateAsync(gateway, Line("a") + Line("b") + Line("c"));
        (await runtime.NextRunAsync(Cancellation)).Permit(2);
        var second = await runtime.NextRunAsync(Cancellation);

        using var cancelled = await gateway.PostAsync($"/v1/batches/{batch.GetProperty("id").GetString()}/cancel", "");
        Assert.StartsWith("cancel", (await GatewayFixture.JsonAsync(cancelled)).GetProperty("status").GetString(), StringComparison.Ordinal);
        await second.Cancelled.WaitAsync(Cancellation);
        var done = await WhenOverAsync(gateway, batch);

        Assert.Equal("cancelled", done.GetProperty("status").GetString());
        Assert.Equal((3, 1, 0), Counts(done));
        Assert.Equal("a", (await LinesAsync(gateway, done, "output_file_id")).Single().GetProperty("custom_id").GetString());
        Assert.Equal(Begun - (((7 * 10) + 40) / 2), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task After_a_restart_the_rest_is_run_and_what_was_charged_without_an_answer_is_run_at_no_charge()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { DrainTimeout = TimeSpan.Zero });
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("Hello", ",", " world", "!");
        var batch = await CreateAsync(gateway, Line("a") + Line("b") + Line("c"));
        (await runtime.NextRunAsync(Cancellation)).Permit(5);
        (await runtime.NextRunAsync(Cancellation)).Permit(5);
        await runtime.NextRunAsync(Cancellation);
        Assert.Equal(Begun - (2 * OneLine), gateway.Balance.Available.Micro + gateway.Balance.Held.Micro);

        // As a crash leaves it: the third line was running, the second settled and its answer torn.
        await gateway.RestartAsync(folder =>
        {
            var file = Directory.GetFiles(Path.Combine(folder, "files"), "*.new").Single(f => new FileInfo(f).Length > 0);
            var text = File.ReadAllText(file);
            var second = text.IndexOf('\n', StringComparison.Ordinal) + 1;
            File.WriteAllText(file, text[..(second + 40)]);
        });
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var done = await WhenOverAsync(gateway, batch);

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal((3, 3, 0), Counts(done));
        Assert.Equal(["a", "b", "c"], (await LinesAsync(gateway, done, "output_file_id")).Select(l => l.GetProperty("custom_id").GetString()!).Order());
        Assert.Equal(21, done.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.Equal(Begun - (3 * OneLine), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_batch_that_is_stored_as_open_with_its_files_named_comes_to_its_end()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        var batch = await CreateAsync(gateway, Line("a") + Line("bad", "\"temperature\":9"));
        var done = await WhenOverAsync(gateway, batch);

        await gateway.RestartAsync(folder =>
        {
            using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
            state.Open();
            state.Execute("UPDATE batch SET status = 4, ended_ms = NULL");
        });
        var again = await WhenOverAsync(gateway, batch).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.Equal("completed", again.GetProperty("status").GetString());
        Assert.Equal((2, 1, 1), Counts(again));
        Assert.Equal(done.GetProperty("output_file_id").GetString(), again.GetProperty("output_file_id").GetString());
        Assert.Equal("a", (await LinesAsync(gateway, again, "output_file_id")).Single().GetProperty("custom_id").GetString());
    }

    [Fact]
    public async Task The_file_of_a_batch_stays_until_the_batch_is_over()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            configure: o => o with { DrainTimeout = TimeSpan.Zero, Aliases = new Dictionary<string, string> { ["soon"] = GatewayFixture.Model } });
        // Known, and served by nobody: the batch waits.
        var batch = await CreateAsync(gateway, Line("a"));
        var file = batch.GetProperty("input_file_id").GetString();

        using (var refused = await gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{file}", null, gateway.ApiKey))
        {
            var error = await GatewayFixture.ErrorAsync(refused);
            Assert.Equal((409, "file_in_use"), (error.Status, error.Code));
        }

        await gateway.RestartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        Assert.Equal((1, 1, 0), Counts(await WhenOverAsync(gateway, batch)));

        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{file}", null, gateway.ApiKey);
        Assert.Equal(200, (int)deleted.StatusCode);
    }

    [Fact]
    public async Task What_is_stored_behind_a_batchs_end_does_not_open_it_again()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-batches-").FullName;
        await using (var state = StateStore.Open(folder))
        {
            var table = new BatchTable(state, new WebhookBook(new WebhookTable(state), SystemIdSource.Instance, TimeProvider.System), new DeliveryTable(state, SystemIdSource.Instance));
            var row = new BatchRow
            {
                Id = "batch_1", NamespaceId = "ns", KeyId = "key", Endpoint = "/v1/chat/completions", InputFileId = "file-1", OutputFileId = "file-2", ErrorFileId = "file-3",
                CreatedMs = 1, ExpiresMs = 2,
            };
            var files = new FileTable(state, new GatewayOptions { DataFolder = folder });
            Assert.True(await files.TryAddAsync(new FileRow { Id = "file-1", NamespaceId = "ns", Filename = "a", Purpose = "batch", Bytes = 0, CreatedMs = 0, ExpiresMs = 1 }));
            Assert.True(await table.TryAddAsync(row));
            await files.ForgetAsync(DateTimeOffset.UnixEpoch.AddDays(1));
            Assert.True(files.IsKnown("file-1"), "A batch that is not over reads it.");
            await table.SaveAsync(row with { Status = BatchStatus.Completed, EndedMs = 2 });

            await table.SaveAsync(row with { Status = BatchStatus.Cancelling, CancellingMs = 2 });

            Assert.Empty(table.Open());
            await files.ForgetAsync(DateTimeOffset.UnixEpoch.AddDays(1));
            Assert.False(files.IsKnown("file-1"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Batches_are_listed_in_pages_and_are_nobody_elses()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var stranger = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", Flotilla.Ledger.KeyKind.Client, Cancellation)).Secret;
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add((await WhenOverAsync(gateway, await CreateAsync(gateway, "no json"))).GetProperty("id").GetString()!);
        ids.Sort(StringComparer.Ordinal);

        using var first = await gateway.GetAsync("/v1/batches?limit=2");
        var page = await GatewayFixture.JsonAsync(first);
        Assert.Equal([ids[2], ids[1]], page.GetProperty("data").EnumerateArray().Select(b => b.GetProperty("id").GetString()));
        Assert.True(page.GetProperty("has_more").GetBoolean());
        using var foreign = await gateway.GetAsync($"/v1/batches/{ids[0]}", stranger);
        Assert.Equal(404, (int)foreign.StatusCode);
        using var cancel = await gateway.PostAsync($"/v1/batches/{ids[0]}/cancel", "", stranger);
        Assert.Equal(404, (int)cancel.StatusCode);
    }

    public static TheoryData<string, string?> BadBodies => new()
    {
        { """{"endpoint":"/v1/chat/completions","completion_window":"24h"}""", "input_file_id" },
        { """{"input_file_id":"file-0","endpoint":"/v1/chat/completions","completion_window":"24h"}""", "input_file_id" },
        { """{"input_file_id":7,"endpoint":"/v1/chat/completions","completion_window":"24h"}""", "input_file_id" },
        { """{"input_file_id":"FILE","completion_window":"24h"}""", "endpoint" },
        { """{"input_file_id":"FILE","endpoint":"/v1/models","completion_window":"24h"}""", "endpoint" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions"}""", "completion_window" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"1h"}""", "completion_window" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":[]}""", "metadata" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"24h","output_expires_after":{"anchor":"created_at","seconds":3599}}""", "output_expires_after.seconds" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"24h","output_expires_after":{"anchor":"created_at","seconds":2592001}}""", "output_expires_after.seconds" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"24h","output_expires_after":{"seconds":3600}}""", "output_expires_after.anchor" },
        { """{"input_file_id":"FILE","requests":[],"endpoint":"/v1/chat/completions","completion_window":"24h"}""", "input_file_id" },
        { """{"requests":[],"endpoint":"/v1/chat/completions"}""", "requests" },
        { """{"requests":[1],"endpoint":"/v1/chat/completions"}""", "requests[0]" },
        { """{"requests":[{}],"endpoint":"/v1/chat/completions"}""", "requests[0].body" },
        { """{"input_file_id":"FILE","endpoint":"/v1/chat/completions","completion_window":"24h","speed":1}""", null },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_400_and_names_its_field(string body, string? param)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var file = await UploadAsync(gateway, Line("a"));

        using var response = await gateway.PostAsync("/v1/batches", body.Replace("FILE", file, StringComparison.Ordinal));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, param), (error.Status, error.Param));
    }

    internal static string Line(string customId, string more = "", string url = "/v1/chat/completions", string method = "POST") =>
        $$"""{"custom_id":"{{customId}}","method":"{{method}}","url":"{{url}}","body":{{GatewayFixture.Chat(more == "x" ? "" : more)}}}""" + "\n";

    internal static async Task<JsonElement> CreateAsync(GatewayFixture gateway, string lines, string more = "")
    {
        var file = await UploadAsync(gateway, lines);
        using var response = await gateway.PostAsync(
            "/v1/batches", $$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions","completion_window":"24h"{{(more.Length > 0 ? "," + more : "")}}}""");
        var batch = await GatewayFixture.JsonAsync(response);
        Assert.True(response.IsSuccessStatusCode, batch.GetRawText());
        return batch;
    }

    internal static async Task<string> UploadAsync(GatewayFixture gateway, string lines)
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(lines)), "file", "in.jsonl" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        using var response = await gateway.Http.SendAsync(request, Cancellation);
        return (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;
    }

    /// <summary>Asks until the batch is over: nothing announces that.</summary>
    internal static async Task<JsonElement> WhenOverAsync(GatewayFixture gateway, JsonElement batch)
    {
        while (true)
        {
            using var response = await gateway.GetAsync($"/v1/batches/{batch.GetProperty("id").GetString()}");
            var now = await GatewayFixture.JsonAsync(response);
            if (now.GetProperty("status").GetString() is "completed" or "failed" or "expired" or "cancelled")
                return now;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }

    internal static async Task<string?> StatusAsync(GatewayFixture gateway, JsonElement batch, string? key = null)
    {
        using var response = await gateway.GetAsync($"/v1/batches/{batch.GetProperty("id").GetString()}", key);
        return (await GatewayFixture.JsonAsync(response)).GetProperty("status").GetString();
    }

    internal static (int Total, int Completed, int Failed) Counts(JsonElement batch)
    {
        var counts = batch.GetProperty("request_counts");
        return (counts.GetProperty("total").GetInt32(), counts.GetProperty("completed").GetInt32(), counts.GetProperty("failed").GetInt32());
    }

    internal static async Task<JsonElement[]> LinesAsync(GatewayFixture gateway, JsonElement batch, string which)
    {
        using var content = await gateway.GetAsync($"/v1/files/{batch.GetProperty(which).GetString()}/content");
        var text = await content.Content.ReadAsStringAsync(Cancellation);
        JsonElement[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        var contract = await gateway.ContractAsync();
        Assert.All(lines, line => Assert.Null(contract.Fault("BatchLine", line)));
        return lines;
    }
}
