using System.Net;
using System.Net.Http.Headers;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Ledger;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Videos.VideoFleet;

namespace Flotilla.Gateway.Tests.Videos;

/// <summary>Videos through the public door, in FlexAI's shape and in OpenAI's.</summary>
public sealed class VideoTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_video_is_queued_made_and_fetched_and_costs_its_seconds()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(2, mediaBytes: 100_000);
        runtime.Script = Scripts.Video(film, gatedAfter: 1);

        using var accepted = await gateway.PostAsync("/v1/videos/generations", Body("\"duration_seconds\":2,\"size\":\"320x256\""));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        var made = await GatewayFixture.JsonAsync(accepted);
        var id = made.GetProperty("id").GetString()!;
        Assert.Equal($"/v1/videos/generations/{id}", accepted.Headers.Location!.OriginalString);
        Assert.True(accepted.Headers.Contains("openai-poll-after-ms"));
        Assert.Equal(("video.generation", 2, "320x256", "a boat"), (made.GetProperty("object").GetString(), made.GetProperty("duration_seconds").GetInt32(), made.GetProperty("size").GetString(), made.GetProperty("prompt").GetString()));
        Assert.True(made.GetProperty("status").GetString() is "queued" or "processing");

        var run = await runtime.NextRunAsync(Cancellation);
        var work = (VideoRequest)run.Request.Work;
        Assert.Equal((2u, 320u, 256u, "a boat"), (work.Seconds, work.Width, work.Height, work.Prompt));
        Assert.Equal("processing", (await FindAsync(gateway, id)).GetProperty("status").GetString());
        using (var early = await gateway.GetAsync($"/v1/videos/generations/{id}/content"))
            Assert.Equal(400, (await GatewayFixture.ErrorAsync(early)).Status);
        run.Permit(10);

        var done = await FindAsync(gateway, id, wait: 60);
        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal($"/v1/videos/generations/{id}/content", done.GetProperty("content_url").GetString());
        Assert.Equal(24 * 60 * 60, done.GetProperty("expires").GetInt64() - done.GetProperty("completed").GetInt64());
        Assert.Equal(film, await ContentAsync(gateway, id));
        var job = await gateway.WhenSettledAsync(done.GetProperty("job_id").GetString()!);
        Assert.Equal(2, job.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        using var receipt = await gateway.GetAsync($"/v1/receipts/{done.GetProperty("job_id").GetString()}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        Assert.Equal(Funds - (2 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task Both_shapes_show_the_same_videos_page_by_page()
    {
        await using var gateway = await StartAsync();
        await AddNodeAsync(gateway);
        using var posted = await gateway.PostAsync("/v1/videos", Body("\"seconds\":\"8\",\"size\":\"1280x720\""));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        var made = await GatewayFixture.JsonAsync(posted);
        var first = made.GetProperty("id").GetString()!;
        await EndAsync(gateway, first);
        var second = await MakeAsync(gateway);
        await EndAsync(gateway, second);

        var generation = await FindAsync(gateway, first);
        var video = await FindAsync(gateway, first, path: "/v1/videos");
        Assert.Equal((8, "completed"), (generation.GetProperty("duration_seconds").GetInt32(), generation.GetProperty("status").GetString()));
        Assert.Equal(("8", "completed", 100, "1280x720"), (video.GetProperty("seconds").GetString(), video.GetProperty("status").GetString(), video.GetProperty("progress").GetInt32(), video.GetProperty("size").GetString()));
        Assert.Equal([second, first], await IdsAsync(gateway, "/v1/videos"));
        Assert.Equal([first, second], await IdsAsync(gateway, "/v1/videos/generations?order=asc"));
        Assert.Equal([first], await IdsAsync(gateway, $"/v1/videos?limit=1&after={second}"));
        Assert.Equal([second], await IdsAsync(gateway, $"/v1/videos?limit=1&order=asc&after={first}"));

        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/videos/{first}", null, gateway.ApiKey);
        Assert.Equal("video.deleted", (await GatewayFixture.JsonAsync(deleted)).GetProperty("object").GetString());
        foreach (var path in new[] { $"/v1/videos/{first}", $"/v1/videos/generations/{first}", $"/v1/videos/{first}/content", "/v1/videos/generations/video_none", "/v1/videos/none" })
            await GoneAsync(gateway, path);
        Assert.Equal([second], await IdsAsync(gateway, "/v1/videos"));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(gateway.Folder, "bodies")), f => f.Contains(first["video_".Length..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_form_with_a_picture_reaches_the_node_as_it_is()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        using var form = new MultipartFormDataContent
        {
            { new StringContent(Film), "model" }, { new StringContent("a boat"), "prompt" }, { new StringContent("4"), "seconds" }, { new StringContent("720x1280"), "size" },
            { new ByteArrayContent(Pictures.Png(256, 256)), "input_reference", "../../boat.png" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/videos") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        using var response = await gateway.Http.SendAsync(request, Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));

        var work = (VideoRequest)(await runtime.NextRunAsync(Cancellation)).Request.Work;
        Assert.Equal((4u, 720u, 1280u), (work.Seconds, work.Width, work.Height));
        Assert.Equal(Pictures.Png(256, 256), work.Image.ToByteArray());
        Assert.Equal("completed", await EndAsync(gateway, (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!));
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", "model")]
    [InlineData("""{"model":"film"}""", "prompt")]
    [InlineData("""{"model":"film","prompt":""}""", "prompt")]
    [InlineData("""{"model":"film","prompt":"x","duration_seconds":0}""", "duration_seconds")]
    [InlineData("""{"model":"film","prompt":"x","duration_seconds":6}""", "duration_seconds")]
    [InlineData("""{"model":"film","prompt":"x","duration_seconds":1.5}""", "duration_seconds")]
    [InlineData("""{"model":"film","prompt":"x","seconds":"13"}""", "seconds")]
    [InlineData("""{"model":"film","prompt":"x","seconds":"-4"}""", "seconds")]
    [InlineData("""{"model":"film","prompt":"x","seconds":4,"duration_seconds":5}""", "duration_seconds")]
    [InlineData("""{"model":"film","prompt":"x","size":"0x0"}""", "size")]
    [InlineData("""{"model":"film","prompt":"x","size":"99999x64"}""", "size")]
    [InlineData("""{"model":"film","prompt":"x","input_reference":{"file_id":"file-1"}}""", "input_reference.file_id")]
    [InlineData("""{"model":"film","prompt":"x","input_reference":{"image_url":"https://x/y.png"}}""", "input_reference.image_url")]
    [InlineData("""{"model":"film","prompt":"x","input_reference":{"image_url":"data:image/png;base64,aGVsbG8="}}""", "input_reference.image_url")]
    [InlineData("""{"model":"scripted","prompt":"x"}""", "model")]
    public async Task What_cannot_be_filmed_is_refused_at_once(string body, string param)
    {
        await using var gateway = await StartAsync();
        await AddNodeAsync(gateway);
        await gateway.AddNodeAsync(new ScriptedRuntime(GatewayFixture.Model));
        foreach (var path in new[] { "/v1/videos/generations", "/v1/videos" })
        {
            using var response = await gateway.PostAsync(path, body);
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((400, param), (error.Status, error.Param));
        }

        Assert.Empty(await IdsAsync(gateway, "/v1/videos"));
    }

    [Fact]
    public async Task A_model_that_nobody_knows_is_a_404_and_one_that_is_away_is_waited_for()
    {
        await using var gateway = await StartAsync();
        using var unknown = await gateway.PostAsync("/v1/videos/generations", """{"model":"none","prompt":"x"}""");
        Assert.Equal("model_not_found", (await GatewayFixture.ErrorAsync(unknown)).Code);

        using var later = await gateway.PostAsync("/v1/videos/generations", """{"model":"soon","prompt":"x"}""");
        var id = (await GatewayFixture.JsonAsync(later)).GetProperty("id").GetString()!;
        Assert.Equal("queued", (await FindAsync(gateway, id)).GetProperty("status").GetString());
        await AddNodeAsync(gateway);
        Assert.Equal("completed", await EndAsync(gateway, id));
    }

    [Theory]
    [InlineData("test", true, true)]
    [InlineData("test", false, false)]
    [InlineData("other", true, false)]
    public async Task Videos_are_for_the_namespaces_of_which_it_is_said(string name, bool isSaid, bool isAllowed)
    {
        await using var gateway = await VideoFleet.StartAsync(o => o with { Namespaces = new Dictionary<string, NamespaceNotes> { [name] = new() { Videos = isSaid } } });
        await AddNodeAsync(gateway);
        using var response = await gateway.PostAsync("/v1/videos/generations", Body());
        if (isAllowed)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await EndAsync(gateway, (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!);
            return;
        }

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((403, "permission_denied"), (error.Status, error.Code));
        Assert.Contains("setting namespaces", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_namespace_sees_none_of_it()
    {
        await using var gateway = await StartAsync();
        await AddNodeAsync(gateway);
        var id = await MakeAsync(gateway);
        await EndAsync(gateway, id);
        var other = await gateway.App.Ledger.Keys.CreateNamespaceAsync(gateway.Account, "other", Cancellation);
        var key = (await gateway.App.Ledger.Keys.CreateKeyAsync(other, "other", KeyKind.Client, Cancellation)).Secret;

        foreach (var path in new[] { $"/v1/videos/{id}", $"/v1/videos/generations/{id}", $"/v1/videos/generations/{id}/content" })
            await GoneAsync(gateway, path, key);
        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/videos/{id}", null, key);
        Assert.Equal(404, (int)deleted.StatusCode);
        Assert.NotEmpty(await ContentAsync(gateway, id));
    }

    [Fact]
    public async Task A_video_that_is_cancelled_stops_its_node_and_costs_nothing()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        runtime.Script = Scripts.Video(Mp4Sample.Of(2, 200_000), gatedAfter: 1);
        var id = await MakeAsync(gateway);
        var run = await runtime.NextRunAsync(Cancellation);
        await run.WhenEmittedAsync(1, Cancellation);

        using var cancelled = await gateway.PostAsync($"/v1/videos/generations/{id}/cancel", "");
        Assert.Equal("cancelled", (await GatewayFixture.JsonAsync(cancelled)).GetProperty("status").GetString());
        await run.Cancelled.WaitAsync(Cancellation);
        var shown = await FindAsync(gateway, id, path: "/v1/videos");
        Assert.Equal(("failed", "cancelled"), (shown.GetProperty("status").GetString(), shown.GetProperty("error").GetProperty("code").GetString()));
        using var content = await gateway.GetAsync($"/v1/videos/{id}/content");
        Assert.Equal(400, (await GatewayFixture.ErrorAsync(content)).Status);
        Assert.Equal(Funds, gateway.Balance.Available.Micro);

        var other = await MakeAsync(gateway);
        await runtime.NextRunAsync(Cancellation);
        using var deleted = await gateway.SendAsync(HttpMethod.Delete, $"/v1/videos/generations/{other}", null, gateway.ApiKey);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await GoneAsync(gateway, $"/v1/videos/{other}");
        Assert.Equal(Funds, gateway.Balance.Available.Micro);
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.Folder, "bodies")));
    }

    [Fact]
    public async Task The_file_may_come_within_the_JSON()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(2, mediaBytes: 123_457, fill: 7);
        runtime.Script = Scripts.Video(film);
        var id = await MakeAsync(gateway);
        await EndAsync(gateway, id);

        using var response = await gateway.GetAsync($"/v1/videos/generations/{id}?include=b64_json");
        var view = await GatewayFixture.JsonAsync(response);
        Assert.Equal(id, view.GetProperty("id").GetString());
        Assert.Equal(film, view.GetProperty("b64_json").GetBytesFromBase64());
        using var wrong = await gateway.GetAsync($"/v1/videos/generations/{id}?include=everything");
        Assert.Equal("include", (await GatewayFixture.ErrorAsync(wrong)).Param);
        using var thumbnail = await gateway.GetAsync($"/v1/videos/{id}/content?variant=thumbnail");
        Assert.Equal("variant", (await GatewayFixture.ErrorAsync(thumbnail)).Param);
    }

    [Fact]
    public async Task A_repeat_under_one_idempotency_key_is_the_same_video()
    {
        await using var gateway = await StartAsync();
        await AddNodeAsync(gateway);
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/videos/generations") { Content = new StringContent(Body(), System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
            request.Headers.Add("Idempotency-Key", "once");
            using var response = await gateway.Http.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            ids.Add((await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!);
        }

        Assert.Equal(ids[0], ids[1]);
        await EndAsync(gateway, ids[0]);
        Assert.Single(await IdsAsync(gateway, "/v1/videos"));
        Assert.Equal(Funds - (2 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task Videos_stay_within_what_their_namespace_may_keep_before_and_after_they_are_made()
    {
        // The largest video of two seconds, and what is posted for one.
        const long Room = LinkLimits.MediaBytesFree + (2 * LinkLimits.VideoBytesPerSecondMax) + 1_000;
        await using var gateway = await VideoFleet.StartAsync(o => o with { StoredBytesMax = Room });
        var runtime = await AddNodeAsync(gateway);
        runtime.Script = Scripts.Video(Mp4Sample.Of(2, mediaBytes: 100_000), gatedAfter: 0);

        using (var tooLong = await gateway.PostAsync("/v1/videos", Body("\"seconds\":\"4\"")))
            Assert.Contains("setting stored_mebibytes", (await GatewayFixture.ErrorAsync(tooLong)).Message, StringComparison.Ordinal);
        var first = await MakeAsync(gateway);
        using (var second = await gateway.PostAsync("/v1/videos/generations", Body()))
        {
            var error = await GatewayFixture.ErrorAsync(second);
            Assert.Equal((429, "rate_limit_exceeded"), (error.Status, error.Code));
            Assert.Contains("setting stored_mebibytes", error.Message, StringComparison.Ordinal);
        }

        (await runtime.NextRunAsync(Cancellation)).Permit(10);
        Assert.Equal("completed", await EndAsync(gateway, first));
        // A small film it is, and as such it counts from now on; until it is deleted, there is no room for the largest.
        using (var third = await gateway.PostAsync("/v1/videos/generations", Body()))
            Assert.Equal(429, (int)third.StatusCode);
        runtime.Script = Scripts.Video();
        Assert.Equal("completed", await EndAsync(gateway, await MakeAsync(gateway, "\"duration_seconds\":1")));
        foreach (var id in await IdsAsync(gateway, "/v1/videos"))
            (await gateway.SendAsync(HttpMethod.Delete, $"/v1/videos/{id}", null, gateway.ApiKey)).Dispose();
        Assert.Equal("completed", await EndAsync(gateway, await MakeAsync(gateway)));
    }

    private static async Task<string[]> IdsAsync(GatewayFixture gateway, string path)
    {
        using var response = await gateway.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. (await GatewayFixture.JsonAsync(response)).GetProperty("data").EnumerateArray().Select(v => v.GetProperty("id").GetString()!)];
    }
}
