using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Everything that is refused: the status, the envelope, and that no hold is left behind (the fixture looks).</summary>
public sealed class RefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "missing_api_key")]
    [InlineData("sk-flt-0000000000000000000000000000000000000000000", "invalid_api_key")]
    [InlineData("' OR 1--", "invalid_api_key")]
    [InlineData("jt-flt-abc", "invalid_api_key")]
    public async Task A_missing_or_wrong_key_is_401(string key, string code)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.SendAsync(HttpMethod.Post, "/v1/chat/completions", GatewayFixture.Chat(), key);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((401, code), (error.Status, error.Code));
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var key = gateway.App.Ledger.Keys.List(gateway.Namespace).Single();
        Assert.True(await gateway.App.Ledger.Keys.RevokeAsync(key.Id, Cancellation));

        using var response = await gateway.GetAsync("/v1/models");

        Assert.Equal("invalid_api_key", (await GatewayFixture.ErrorAsync(response)).Code);
    }

    [Fact]
    public async Task An_admin_key_cannot_infer_and_a_client_key_cannot_administer()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var inference = await gateway.PostAsync("/v1/chat/completions", GatewayFixture.Chat(), gateway.AdminKey);
        Assert.Equal(403, (await GatewayFixture.ErrorAsync(inference)).Status);
        using var admin = await gateway.GetAsync("/admin/v1/keys");
        Assert.Equal(403, (await GatewayFixture.ErrorAsync(admin)).Status);
    }

    [Fact]
    public async Task An_unknown_model_is_404_and_a_known_one_without_a_node_503()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var node = await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var unknown = await gateway.ChatAsync(model: "no-such-model");
        var notFound = await GatewayFixture.ErrorAsync(unknown);
        Assert.Equal((404, "model_not_found", "model"), (notFound.Status, notFound.Code, notFound.Param));

        await node.KillAsync();
        await gateway.WhenGoneAsync(GatewayFixture.Model);
        using var gone = await gateway.ChatAsync();
        var body = (await GatewayFixture.JsonAsync(gone)).GetProperty("error");
        Assert.Equal(503, (int)gone.StatusCode);
        Assert.Equal("no_workers_available", body.GetProperty("code").GetString());
        Assert.Equal("model", body.GetProperty("availability").GetProperty("constraint").GetString());
        Assert.InRange(body.GetProperty("retry_after").GetInt32(), 1, 60);
        Assert.Equal(body.GetProperty("retry_after").GetInt32().ToString(CultureInfo.InvariantCulture), gone.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task A_fleet_with_its_hands_full_is_503_overloaded_and_leaves_no_trace()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime, slots: 1);
        runtime.Script = Scripts.AnswerWhenPermitted("one");
        var asking = gateway.ChatAsync();
        var run = await runtime.NextRunAsync(Cancellation);

        using var refused = await gateway.ChatAsync();
        var error = await GatewayFixture.ErrorAsync(refused);
        Assert.Equal((503, "overloaded"), (error.Status, error.Code));
        var availability = (await GatewayFixture.JsonAsync(refused)).GetProperty("error").GetProperty("availability");
        Assert.Equal(("busy", 1), (availability.GetProperty("constraint").GetString(), availability.GetProperty("candidates").GetInt32()));
        Assert.True(refused.Headers.Contains("Retry-After"));
        Assert.False(refused.Headers.Contains("x-flotilla-job-id"));

        run.Permit(2);
        using var served = await asking;
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task A_runtime_that_is_away_is_503_with_a_time_to_come_back()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.Unavailable, "upstream is away", Retryable: true));

        using var response = await gateway.ChatAsync();

        Assert.Equal(503, (await GatewayFixture.ErrorAsync(response)).Status);
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal("failed", (await gateway.WhenSettledAsync(response.Headers.GetValues("x-flotilla-job-id").Single())).GetProperty("status").GetString());
        Assert.Equal(new Credits(1000 * Credits.MicroPerCredit), gateway.Balance.Available);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_is_400()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.ContextLength, "too long", Retryable: false) { Limit = 4096, Value = 5000, Param = "messages" });

        using var response = await gateway.ChatAsync();

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "context_length_exceeded"), (error.Status, error.Code));
        Assert.Contains("4096", error.Message, StringComparison.Ordinal);
        Assert.Contains("5000", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { "", "not empty" },
        { "{", "json" },
        { "[1]", "an array" },
        { "{\"model\":\"scripted\",\"messages\":\"hi\"}", "messages is no array" },
        { "{\"model\":\"scripted\",\"messages\":[]}", "no message" },
        { "{\"model\":7,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", "model is a number" },
        { GatewayFixture.Chat("\"max_tokens\":-1"), "below zero" },
        { GatewayFixture.Chat("\"max_tokens\":1e400"), "beyond every number" },
        { GatewayFixture.Chat("\"n\":100000"), "too many" },
        { GatewayFixture.Chat("\"temperature\":\"hot\""), "a text" },
        { GatewayFixture.Chat("\"response_format\":{\"type\":\"json_object\"}"), "not served yet" },
        { GatewayFixture.Chat("\"model\":\"twice\""), "a key twice" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_400_in_the_envelope(string body, string why)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.PostAsync("/v1/chat/completions", body);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.True(error.Status == 400, $"{why}: {error}");
        Assert.Equal("invalid_request_error", error.Type);
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }

    [Fact]
    public async Task Nesting_of_60000_is_400_and_not_the_end_of_the_process()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));

        using var response = await gateway.PostAsync("/v1/chat/completions", new string('[', 60_000));

        Assert.Equal(400, (await GatewayFixture.ErrorAsync(response)).Status);
        using var after = await gateway.ChatAsync();
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task A_body_of_100_MB_is_413_before_it_is_read()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await using var socket = await BeginAsync(gateway, "Content-Length: 100000000");

        using var reader = new StreamReader(socket);
        Assert.Contains(" 413 ", await reader.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        string? line;
        do
            line = await reader.ReadLineAsync(Cancellation);
        while (line is { Length: > 0 });
        var body = new char[200];
        var read = await reader.ReadBlockAsync(body.AsMemory(0, 100), Cancellation);
        Assert.Contains("error", new string(body, 0, read), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_say_its_length_is_413_where_it_passes_the_limit()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await using var socket = await BeginAsync(gateway, "Transfer-Encoding: chunked");
        byte[] chunk = [.. "100000\r\n"u8, .. Enumerable.Repeat((byte)' ', 1 << 20), .. "\r\n"u8];
        using var reader = new StreamReader(socket);
        var status = reader.ReadLineAsync(Cancellation).AsTask();
        try
        {
            for (var sent = 0; sent < 100 && !status.IsCompleted; sent++)
                await socket.WriteAsync(chunk, Cancellation);
        }
        catch (IOException)
        {
            // The gateway has answered, and does not wait for the rest.
        }

        Assert.Contains(" 413 ", await status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("PUT", "/v1/chat/completions", 405)]
    [InlineData("POST", "/v1/models", 405)]
    [InlineData("GET", "/v1/jobs/job_00000000000000000000000000000000", 404)]
    [InlineData("GET", "/v1/receipts/<script>", 404)]
    [InlineData("GET", "/v1/models/no-such-model", 404)]
    public async Task A_path_or_object_that_is_not_there_is_told_in_the_envelope(string method, string path, int status)
    {
        await using var gateway = await GatewayFixture.StartAsync();

        using var response = await gateway.SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null, gateway.ApiKey);

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal(status, error.Status);
        Assert.DoesNotContain("<script>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_namespaces_job_is_not_there()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        using var response = await gateway.ChatAsync();
        var job = response.Headers.GetValues("x-flotilla-job-id").Single();
        var account = await gateway.App.Ledger.Keys.CreateAccountAsync("other", Cancellation);
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(account, "other", Cancellation);
        var key = await gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", Ledger.KeyKind.Client, Cancellation);

        foreach (var path in new[] { $"/v1/jobs/{job}", $"/v1/receipts/{job}" })
        {
            using var stranger = await gateway.GetAsync(path, key.Secret);
            Assert.Equal(404, (int)stranger.StatusCode);
            using var owner = await gateway.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, owner.StatusCode);
        }
    }

    [Fact]
    public async Task A_draining_gateway_finishes_its_streams_and_takes_no_more()
    {
        var gateway = await GatewayFixture.StartAsync();
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.AnswerWhenPermitted("one", "two");
        var asking = gateway.ChatAsync("\"stream\":true");
        var run = await runtime.NextRunAsync(Cancellation);
        run.Permit();
        using var response = await asking;

        var stopping = gateway.App.StopAsync();
        using var refused = await gateway.ChatAsync();
        Assert.Equal(503, (await GatewayFixture.ErrorAsync(refused)).Status);
        using var ready = await gateway.GetAsync("/readyz");
        Assert.Equal(503, (int)ready.StatusCode);
        run.Permit(2);
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await stopping;
    }

    /// <summary>A connection on which a chat has begun and its body not.</summary>
    private static async Task<NetworkStream> BeginAsync(GatewayFixture gateway, string length)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(gateway.App.Origin).Port, Cancellation);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.ApiKey}\r\nContent-Type: application/json\r\n{length}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        return stream;
    }
}
