using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Tests.Gateways;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using static Flotilla.Node.Tests.Runtimes.UpstreamJobs;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Videos by another server: a second Flotilla, and one that breaks off, lies, never ends or sends too much.</summary>
public sealed class UpstreamVideoTests
{
    private const string Deleted = "DELETE /v1/videos/video_1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static VideoRequest Ask => new() { Prompt = "a boat", Seconds = 2, Width = 64, Height = 64 };

    [Fact]
    public async Task A_video_is_ordered_waited_for_fetched_and_removed()
    {
        await using var server = await VideoServer.StartAsync();
        var states = new Queue<string>(["queued", "in_progress", "completed"]);
        server.Show = http => VideoServer.Says(states.Dequeue())(http);
        var film = Mp4Sample.Of(2, 100_000);
        server.Content = VideoServer.Gives(film);
        var work = Ask;
        work.Image = ByteString.CopyFrom(Pictures.Png(64, 64));

        var (result, output) = await RunAsync(server, work);

        Assert.Null(result.Failure);
        Assert.Equal(2u, result.Usage.CompletionTokens);
        Assert.Equal(film, output.Media());
        AssertKept(JobKind.Video, work, output);
        Assert.Equal(["POST /v1/videos", .. Enumerable.Repeat("GET /v1/videos/video_1", 3), "GET /v1/videos/video_1/content", Deleted], server.Asked);
        Assert.Equal(("theirs", "a boat", "2", "64x64"), (server.Form!["model"].ToString(), server.Form["prompt"].ToString(), server.Form["seconds"].ToString(), server.Form["size"].ToString()));
        Assert.Equal("image/png", Assert.Single(server.Form.Files).ContentType);
    }

    [Fact]
    public async Task An_order_may_be_created_or_accepted_and_a_video_deleted_without_a_word()
    {
        await using var server = await VideoServer.StartAsync();
        server.Create = VideoServer.Says("queued", code: StatusCodes.Status201Created);
        server.Show = VideoServer.Says("completed", code: StatusCodes.Status202Accepted);
        server.Content = VideoServer.Gives(Mp4Sample.Of(2));
        server.Delete = http =>
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };

        Assert.Null((await RunAsync(server, Ask)).Result.Failure);
        Assert.Equal(Deleted, server.Asked[^1]);
    }

    [Theory]
    [InlineData(5u, 2u)]
    [InlineData(1u, 1u)]
    public async Task No_more_than_was_asked_for_is_charged_and_no_more_than_it_plays(uint plays, uint counted)
    {
        await using var server = await VideoServer.StartAsync();
        server.Content = VideoServer.Gives(Mp4Sample.Of(plays));
        Assert.Equal(counted, (await RunAsync(server, Ask)).Result.Usage.CompletionTokens);
    }

    [Theory]
    [InlineData("failed", "it is not allowed", "made no video: it is not allowed")]
    [InlineData("cancelled", null, "made no video.")]
    [InlineData("gone fishing", null, "made no video.")]
    public async Task A_video_that_fails_there_fails_here_with_the_servers_words(string status, string? message, string says)
    {
        await using var server = await VideoServer.StartAsync();
        server.Show = VideoServer.Says(status, message is null ? ",\"error\":null" : $",\"error\":{{\"code\":\"x\",\"message\":\"{message} {Key}\"}}");

        var (result, output) = await RunAsync(server, Ask);

        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.Contains(says, result.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, result.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(output.Events);
        Assert.Equal(Deleted, server.Asked[^1]);
    }

    [Theory]
    [InlineData("moderation_blocked")]
    [InlineData("invalid_value")]
    public async Task A_video_that_fails_for_what_was_asked_is_no_failure_of_the_server(string code)
    {
        await using var server = await VideoServer.StartAsync();
        server.Show = VideoServer.Says("failed", $",\"error\":{{\"code\":\"{code}\",\"message\":\"not that, {Key}\"}}");

        var (result, _) = await RunAsync(server, Ask);

        Assert.Equal((Code.InvalidRequest, false, "not that, [key]"), (result.Failure!.Code, result.Failure.Retryable, result.Failure.Message));
    }

    [Theory]
    [InlineData("page")]
    [InlineData("cut")]
    [InlineData("nothing")]
    [InlineData("fragments")]
    public async Task What_is_no_video_does_not_go_on(string what)
    {
        await using var server = await VideoServer.StartAsync();
        server.Content = VideoServer.Gives(what switch
        {
            "page" => "<html>Please log in</html>"u8.ToArray(),
            "cut" => Mp4Sample.Of(2)[..^1],
            "nothing" => [],
            _ => Mp4Sample.Of(0),
        });
        var (result, output) = await RunAsync(server, Ask);
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.Empty(output.Events);
        Assert.Equal(Deleted, server.Asked[^1]);
    }

    [Fact]
    public async Task A_video_of_another_size_is_told_by_its_field()
    {
        await using var server = await VideoServer.StartAsync();
        server.Content = VideoServer.Gives(Mp4Sample.Of(2, width: 1280, height: 720));
        var (result, _) = await RunAsync(server, Ask);
        Assert.Equal((Code.Unsupported, "size"), (result.Failure!.Code, result.Failure.Param));
        Assert.Contains("1280x720", result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_video_without_end_is_cut_off()
    {
        await using var server = await VideoServer.StartAsync();
        var dropped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Content = async http =>
        {
            var piece = new byte[1024 * 1024];
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(piece);
            dropped.SetResult();
        };
        var (result, output) = await RunAsync(server, new VideoRequest { Prompt = "x", Seconds = 1 });
        Assert.Equal(UpstreamFailures.Endless, result.Failure);
        Assert.Empty(output.Events);
        await dropped.Task.WaitAsync(Ct);
    }

    [Theory]
    [InlineData("../../admin")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a?b=c")]
    public async Task An_id_that_would_lead_elsewhere_is_none(string id)
    {
        await using var server = await VideoServer.StartAsync();
        server.Create = VideoServer.Says("queued", id: id);
        Assert.Equal(UpstreamFailures.Strange, (await RunAsync(server, Ask)).Result.Failure);
        Assert.Equal(["POST /v1/videos"], server.Asked);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_by_its_field()
    {
        await using var server = await VideoServer.StartAsync();
        server.Create = http =>
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsync("""{"error":{"message":"seconds must be 4, 8 or 12","param":"seconds"}}""");
        };
        var (result, _) = await RunAsync(server, Ask);
        Assert.Equal((Code.InvalidRequest, "seconds", false), (result.Failure!.Code, result.Failure.Param, result.Failure.Retryable));
        Assert.Equal(["POST /v1/videos"], server.Asked);
    }

    [Fact]
    public async Task An_answer_that_is_lost_on_the_way_does_not_end_a_video_and_four_do()
    {
        await using var server = await VideoServer.StartAsync();
        server.Content = VideoServer.Gives(Mp4Sample.Of(2));
        var polls = 0;
        server.Show = http => ++polls % 2 == 1 ? BusyAsync(http) : VideoServer.Says(polls < 4 ? "in_progress" : "completed")(http);
        Assert.Null((await RunAsync(server, Ask)).Result.Failure);
        server.Show = BusyAsync;
        Assert.Equal(Code.Unavailable, (await RunAsync(server, Ask)).Result.Failure!.Code);
    }

    [Fact]
    public async Task A_video_that_is_never_made_is_given_up_and_removed()
    {
        await using var server = await VideoServer.StartAsync();
        server.Show = VideoServer.Says("in_progress");
        using var runtime = Runtime(server.Url, new UpstreamModelOptions { Seconds = 1 });
        var output = new CollectingOutput();

        var result = await runtime.RunAsync(Request(JobKind.Video, Ask), output, Ct);

        Assert.Equal(UpstreamFailures.Silent, result.Failure);
        Assert.Empty(output.Events);
        Assert.Equal(["POST /v1/videos", "GET /v1/videos/video_1", Deleted], server.Asked);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_is_removed_there()
    {
        await using var server = await VideoServer.StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        server.Show = async http =>
        {
            await cancel.CancelAsync();
            await VideoServer.Says("in_progress")(http);
        };
        using var runtime = Runtime(server.Url);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runtime.RunAsync(Request(JobKind.Video, Ask), new CollectingOutput(), cancel.Token));
        Assert.Equal(Deleted, server.Asked[^1]);
    }

    [Fact]
    public async Task A_video_comes_through_two_Flotillas()
    {
        await using var chain = await FlotillaChain.StartAsync(ScriptedRuntime.OfVideos("film"), Ct);
        var film = Mp4Sample.Of(2, 300_000, width: 320, height: 256);
        chain.Script.Script = Scripts.Video(film);

        using var made = await chain.Front.PostAsync("/v1/videos", """{"model":"film","prompt":"a boat","seconds":"2","size":"320x256"}""", Ct);
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString();
        using var waited = await chain.Front.GetAsync($"/v1/videos/{id}?wait=60", Ct);
        var video = await waited.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.True(video.GetProperty("status").GetString() == "completed", video.ToString());
        using var content = await chain.Front.GetAsync($"/v1/videos/{id}/content", Ct);

        Assert.Equal(film, await content.Content.ReadAsByteArrayAsync(Ct));
        var work = (VideoRequest)(await chain.Script.NextRunAsync(Ct)).Request.Work;
        Assert.Equal(("a boat", 2u, 320u, 256u), (work.Prompt, work.Seconds, work.Width, work.Height));
        // Nothing of it stays behind.
        using var list = await chain.Back.GetAsync("/v1/videos", Ct);
        Assert.Equal(0, (await list.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("data").GetArrayLength());
    }

    private static Task BusyAsync(HttpContext http)
    {
        http.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static async Task<(RunResult Result, CollectingOutput Output)> RunAsync(VideoServer server, VideoRequest work)
    {
        using var runtime = Runtime(server.Url);
        var output = new CollectingOutput();
        return (await runtime.RunAsync(Request(JobKind.Video, work), output, Ct), output);
    }
}
