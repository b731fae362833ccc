using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Videos.VideoFleet;

namespace Flotilla.Gateway.Tests.Videos;

/// <summary><c>POST /v1/videos/description</c> through real sockets: a job that takes frames, then one that looks at them; both are held before the first begins.</summary>
public sealed class VideoDescriptionTests
{
    private const string Path = "/v1/videos/description";
    private const string Taker = "frames";
    private static readonly byte[] Video = Mp4Sample.Of(3);
    private static readonly byte[][] Shown = [Pictures.Jpeg(16, 8), Pictures.Jpeg(24, 8), Pictures.Jpeg(32, 8)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_sees_is_shown_the_frames_in_their_order_and_each_job_has_its_receipt()
    {
        await using var gateway = await StartAsync();
        var taker = await TakingAsync(gateway, Scripts.Frames(Shown));
        var seer = await SeeingAsync(gateway);

        using var response = await gateway.PostAsync(Path, Ask(""" "prompt":"Who wins?","frames":4,"max_tokens":9"""));

        var body = await AnswerAsync(response);
        Assert.Equal("A boat.", Assert.Single(body.GetProperty("data").EnumerateArray()).GetProperty("description").GetString());
        // A short video has fewer frames than were asked for.
        Assert.Equal((3, Taker), (body.GetProperty("frames").GetProperty("count").GetInt32(), body.GetProperty("frames").GetProperty("model").GetString()));
        var work = (FramesRequest)(await taker.NextRunAsync(Ct)).Request.Work;
        Assert.Equal(4u, work.Count);
        Assert.Equal(Video, work.Video.ToByteArray());
        var parts = Assert.Single((await seer.NextRunAsync(Ct)).Text.Chat.Messages).Parts;
        Assert.Equal(Shown.Select(f => $"data:image/jpeg;base64,{Convert.ToBase64String(f)}"), parts.Where(p => p.Image is not null).Select(p => p.Image.Url));
        Assert.Equal(["These are frames of one video, evenly spaced and in their order:", "Who wins?"], parts.Where(p => p.Image is null).Select(p => p.Text));
        var text = await SettledAsync(gateway, response.Headers.GetValues("x-flotilla-job-id").Single());
        var frames = await SettledAsync(gateway, body.GetProperty("frames").GetProperty("job_id").GetString()!);
        Assert.Equal(("completed", "0.00015", "completed", "0.00012"), (text.Status, text.Charged, frames.Status, frames.Charged));
        Assert.Equal(Funds - 150 - (3 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_form_with_a_file_is_the_same_and_may_be_answered_later()
    {
        await using var gateway = await StartAsync();
        var taker = await TakingAsync(gateway);
        await SeeingAsync(gateway);
        var large = Mp4Sample.Of(3, (int)GatewayLimits.BodyBytesMax + 1);
        using var form = new MultipartFormDataContent { { new StringContent(GatewayFixture.Model), "model" }, { new StringContent("2"), "frames" }, { new ByteArrayContent(large), "video", "a.mov" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("Prefer", "respond-async");

        using var accepted = await gateway.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await GatewayFixture.JsonAsync(accepted)).GetProperty("request_id").GetString();
        using var waited = await gateway.GetAsync($"/v1/requests/{id}?wait=30");
        using var result = await gateway.GetAsync($"/v1/requests/{id}/result");

        Assert.Equal(2, (await AnswerAsync(result)).GetProperty("frames").GetProperty("count").GetInt32());
        Assert.Equal(large, ((FramesRequest)(await taker.NextRunAsync(Ct)).Request.Work).Video.ToByteArray());
    }

    [Fact]
    public async Task One_that_waits_for_its_frames_holds_up_nobody_who_asks_the_same_model()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Aliases = new Dictionary<string, string> { ["soon"] = "late" } });
        await SeeingAsync(gateway, slots: 1);
        using var waiting = await gateway.PostAsync(Path, Ask(""" "frames_model":"soon","mode":"polling" """));
        using var other = await gateway.ChatWithHeaderAsync("Prefer", "respond-async");

        using var result = await gateway.GetAsync($"/v1/requests/{(await GatewayFixture.JsonAsync(other)).GetProperty("id").GetString()}/result?wait=30");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (waiting.StatusCode, result.StatusCode));
    }

    [Fact]
    public async Task Where_nobody_takes_frames_or_nobody_sees_it_is_a_400_that_costs_nothing()
    {
        await using var gateway = await StartAsync();
        var seer = await SeeingAsync(gateway);
        await RefusedAsync(gateway, Ask(), 400, "model_not_for_endpoint", "frames_model");

        var taker = await TakingAsync(gateway);
        await RefusedAsync(gateway, Ask(""" "frames_model":"nobody" """), 404, "model_not_found", "model");
        await RefusedAsync(gateway, Ask(""" "frames_model":"scripted" """), 400, "model_not_for_endpoint", "model");
        await RefusedAsync(gateway, Ask(model: "nobody"), 404, "model_not_found", "model");
        await gateway.AddNodeAsync(new ScriptedRuntime("blind"));
        await RefusedAsync(gateway, Ask(model: "blind"), 400, "unsupported_parameter", "video");
        await RefusedAsync(gateway, $$"""{"model":"scripted","video":"{{Convert.ToBase64String(Video[..^1])}}"}""", 400, "invalid_value", "video");
        await RefusedAsync(gateway, $$"""{"model":"scripted","video":"{{Convert.ToBase64String(Mp4Sample.Of(3600))}}"}""", 400, "invalid_value", "video");
        Assert.Equal((0, 0), (taker.Waiting, seer.Waiting));
        Assert.Equal(Funds, gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task Videos_are_described_for_the_namespaces_of_which_it_is_said()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { Namespaces = new Dictionary<string, NamespaceNotes>() });
        await TakingAsync(gateway);
        await SeeingAsync(gateway);
        await RefusedAsync(gateway, Ask(), 403, "permission_denied", null);
    }

    [Fact]
    public async Task Who_cannot_pay_for_both_gets_neither()
    {
        // Enough for the frames, and not for a word about them.
        await using var gateway = await GatewayFixture.StartAsync(credits: "0.0004");
        var taker = await TakingAsync(gateway);
        var seer = await SeeingAsync(gateway);
        using var response = await gateway.PostAsync(Path, Ask(""" "max_tokens":9"""));
        Assert.Equal(402, (int)response.StatusCode);
        Assert.Equal((0, 0, 400L), (taker.Waiting, seer.Waiting, gateway.Balance.Available.Micro));
    }

    [Fact]
    public async Task Frames_that_no_description_came_of_are_not_charged()
    {
        await using var gateway = await StartAsync();
        var taker = await TakingAsync(gateway);
        var seer = await SeeingAsync(gateway);
        seer.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.InvalidRequest, "too much to see", Retryable: false));
        using (var response = await gateway.PostAsync(Path, Ask()))
            Assert.Equal((400, "too much to see"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Message));

        taker.Script = Scripts.Fail(new RunFailure(Failed.Types.Code.InvalidRequest, "damaged", Retryable: false) { Param = "video" });
        seer.ForgetRuns();
        using (var response = await gateway.PostAsync(Path, Ask()))
            Assert.Equal((400, "video"), ((int)response.StatusCode, (await GatewayFixture.ErrorAsync(response)).Param));
        Assert.Equal(0, seer.Waiting);
        Assert.Equal(Funds, gateway.Balance.Available.Micro);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("page")]
    [InlineData("large")]
    [InlineData("gap")]
    [InlineData("uncounted")]
    [InlineData("overcounted")]
    public async Task Frames_that_are_none_are_neither_shown_nor_paid(string lie)
    {
        await using var gateway = await StartAsync();
        var taker = await TakingAsync(gateway);
        var seer = await SeeingAsync(gateway);
        var end = new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };
        (byte[]?, uint) none = (null, 0);
        (byte[]?, uint)[] frames = lie switch
        {
            "none" => [none, none],
            "page" => [("<html>"u8.ToArray(), 1), none],
            "large" => [(Pictures.Jpeg(769, 8), 1), none],
            "gap" => [none, (Shown[0], 1)],
            "uncounted" => [(Shown[0], 0), none],
            _ => [(Shown[0], 1), (null, 1)],
        };
        taker.Script = Scripts.Events(
            new Usage { CompletionTokens = (uint)frames.Sum(f => f.Item2) },
            [.. frames.SelectMany((f, i) => (Event[])[
                .. f.Item1 is { } bytes ? [new Event { Choice = (uint)i, Media = new Media { Data = Google.Protobuf.ByteString.CopyFrom(bytes) } }] : (Event[])[],
                new Event(end) { Choice = (uint)i, TokenCount = f.Item2 }])]);

        using var response = await gateway.PostAsync(Path, Ask(""" "frames":2"""));

        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal((0, Funds), (seer.Waiting, gateway.Balance.Available.Micro));
    }

    [Fact]
    public async Task A_client_that_leaves_pays_nothing_and_stops_the_work()
    {
        await using var gateway = await StartAsync();
        var taker = await TakingAsync(gateway);
        var seer = await SeeingAsync(gateway);
        seer.Script = Scripts.AnswerThenHang("A ");
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Ask(), null, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        var asking = gateway.Http.SendAsync(request, leaving.Token);
        var run = await seer.NextRunAsync(Ct);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await gateway.WhenSettledAsync(run.Request.JobId);
        await gateway.WhenSettledAsync((await taker.NextRunAsync(Ct)).Request.JobId);
        Assert.Equal(Funds, gateway.Balance.Available.Micro);
    }

    private static Task<GatewayFixture> StartAsync() => GatewayFixture.StartAsync();

    private static string Ask(string more = "", string model = GatewayFixture.Model) =>
        $$"""{"model":"{{model}}","video":"data:video/mp4;base64,{{Convert.ToBase64String(Video)}}"{{(more.Length > 0 ? "," + more : "")}}}""";

    private static async Task<ScriptedRuntime> TakingAsync(GatewayFixture gateway, Script? script = null)
    {
        var runtime = ScriptedRuntime.OfFrames(Taker);
        await gateway.AddNodeAsync(runtime);
        runtime.Script = script ?? runtime.Script;
        return runtime;
    }

    private static async Task<ScriptedRuntime> SeeingAsync(GatewayFixture gateway, int slots = 64)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model) { Script = Scripts.Answer("A ", "boat.") };
        runtime.State.Models[0].Capabilities.Add(Capability.Vision);
        await gateway.AddNodeAsync(runtime, slots);
        return runtime;
    }

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Ct));
        return await GatewayFixture.JsonAsync(response);
    }

    private static async Task<(string? Status, string? Charged)> SettledAsync(GatewayFixture gateway, string job)
    {
        using var receipt = await gateway.GetAsync($"/v1/receipts/{job}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        var view = await gateway.WhenSettledAsync(job);
        Assert.Equal("VideoDescriptions", view.GetProperty("endpoint").GetString());
        return (view.GetProperty("status").GetString(), view.GetProperty("credits_charged").GetString());
    }

    private static async Task RefusedAsync(GatewayFixture gateway, string body, int status, string code, string? param)
    {
        using var response = await gateway.PostAsync(Path, body);
        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((status, code, param), (error.Status, error.Code, error.Param));
        Assert.False(response.Headers.Contains("x-flotilla-job-id"));
    }
}
