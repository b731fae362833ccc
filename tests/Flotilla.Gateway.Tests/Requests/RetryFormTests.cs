using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.Gateway.Tests.Videos;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>What an SDK sends again by itself where that is a form, or makes something that is fetched later: each try draws another boundary, and is the same request.</summary>
public sealed class RetryFormTests
{
    private const string Model = "scripted";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/audio/transcriptions", "file")]
    [InlineData("/v1/audio/translations", "file")]
    [InlineData("/v1/audio/translation", "file")]
    [InlineData("/v1/images/edits", "image")]
    [InlineData("/v1/images/variations", "image")]
    public async Task A_retry_of_a_form_reads_along_with_the_try_before_it(string path, string field)
    {
        await using var gateway = await GatewayFixture.StartAsync(time: new ManualTimeProvider());
        var runtime = ScriptedRuntime.OfEverything(Model);
        await gateway.AddNodeAsync(runtime);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        runtime.Script = async run =>
        {
            await answer.Task.WaitAsync(run.Token);
            return await Scripts.Everything(run);
        };
        var first = SendAsync(gateway, path, 0, Form(field, "one"));
        await runtime.NextRunAsync(Cancellation);

        var retry = SendAsync(gateway, path, 1, Form(field, "two"));
        var other = SendAsync(gateway, path, 1, Form(field, "three", "another.bin"));
        await runtime.NextRunAsync(Cancellation);
        answer.SetResult();
        using var one = await first;
        using var two = await retry;
        using var three = await other;

        Assert.All([one, two, three], response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(Job(one), Job(two));
        Assert.NotEqual(Job(one), Job(three));
        Assert.Equal(await one.Content.ReadAsStringAsync(Cancellation), await two.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((false, true, false), (IsReplayed(one), IsReplayed(two), IsReplayed(three)));
        Assert.Equal(0, runtime.Waiting);
    }

    [Theory]
    [InlineData("/v1/videos", true)]
    [InlineData("/v1/videos", false)]
    [InlineData("/v1/videos/generations", false)]
    public async Task A_retry_for_a_video_is_shown_the_same_video(string path, bool isForm)
    {
        await using var gateway = await GatewayFixture.StartAsync(time: new ManualTimeProvider());
        await VideoFleet.AddNodeAsync(gateway);
        var ids = new List<string>();
        for (var tries = 0; tries < 2; tries++)
        {
            using HttpContent content = isForm
                ? new MultipartFormDataContent($"b{tries}") { { new StringContent(VideoFleet.Film), "model" }, { new StringContent("a boat"), "prompt" } }
                : new StringContent(VideoFleet.Body(""), Encoding.UTF8, "application/json");
            using var response = await SendAsync(gateway, path, tries, content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            ids.Add((await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!);
        }

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal("completed", await VideoFleet.EndAsync(gateway, ids[0]));
        using var list = await gateway.GetAsync("/v1/videos");
        Assert.Single((await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_batch_that_is_sent_again_is_one_batch()
    {
        await using var gateway = await GatewayFixture.StartAsync(time: new ManualTimeProvider());
        var ids = new List<string>();
        for (var tries = 0; tries < 2; tries++)
        {
            var line = $"{{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{GatewayFixture.Chat()}}}";
            using var content = new StringContent($"{{\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"requests\":[{line}]}}", Encoding.UTF8, "application/json");
            using var response = await SendAsync(gateway, "/v1/batches", tries, content);
            Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
            ids.Add((await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!);
        }

        Assert.Equal(ids[0], ids[1]);
    }

    [Theory]
    [InlineData("X-Stainless-Retry-Count", "0")]
    [InlineData("Idempotency-Key", "k-1")]
    public async Task What_may_be_sent_again_keeps_its_query(string header, string value)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/requests/req_none/cancel?wait=61");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add(header, value);

        using var response = await gateway.Http.SendAsync(request, Cancellation);

        Assert.Equal((400, "wait"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Param));
    }

    [Fact]
    public async Task A_form_that_cannot_be_read_is_refused_by_its_route()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.AddNodeAsync(ScriptedRuntime.OfEverything(Model));
        using var torn = new ByteArrayContent(Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhal"));
        torn.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        using var response = await SendAsync(gateway, "/v1/audio/transcriptions", 0, torn);

        Assert.Equal((400, "invalid_request"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Code));
    }

    private static string Job(HttpResponseMessage response) => response.Headers.GetValues("x-flotilla-job-id").Single();

    private static bool IsReplayed(HttpResponseMessage response) => response.Headers.Contains("Idempotent-Replayed");

    private static MultipartFormDataContent Form(string field, string boundary, string fileName = "a.bin") => new(boundary)
    {
        { new StringContent(Model), "model" },
        { new StringContent("a boat"), "prompt" },
        { new ByteArrayContent(Pictures.Png(256, 256)), field, fileName },
    };

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, string path, int tries, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("X-Stainless-Retry-Count", $"{tries}");
        return await gateway.Http.SendAsync(request, Cancellation);
    }
}
