using System.Net;
using System.Text.Json;
using Flotilla.Core;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Gateway.Tests.Videos;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Deferred;

/// <summary>Who gives up what is done, while it is being charged: it was paid for, so the answer stands.</summary>
public sealed class LateCancelTests
{
    private const string Description = "/v1/videos/description";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", "")]
    [InlineData("/v1/chat/completions", "\"stream\":true")]
    [InlineData("/v1/chat/completions", "\"models\":[\"scripted\",\"second\"],\"strategy\":\"all\"")]
    [InlineData("/v1/chat/completions", "\"models\":[\"scripted\",\"second\"],\"strategy\":\"fallback\"")]
    [InlineData("/v1/responses", "")]
    [InlineData("/v1/videos/generations", "")]
    [InlineData(Description, "")]
    public async Task A_cancellation_that_comes_after_the_work_reports_it_as_completed_and_the_answer_is_there(string path, string more)
    {
        using var ids = new GatedIdSource();
        await using var gateway = await GatewayFixture.StartAsync(ids: ids);
        var id = await ToItsSettlementAsync(gateway, ids, path, more);

        using var cancelled = await GiveUpAsync(gateway, ids, HttpMethod.Post, path, id);

        Assert.Equal("completed", (await GatewayFixture.JsonAsync(cancelled)).GetProperty("status").GetString());
        var (where, what) = path switch
        {
            "/v1/responses" => ($"{path}/{id}", "done"),
            "/v1/videos/generations" => ($"{path}/{id}/content", "ftyp"),
            _ => ($"/v1/requests/{id}/result", "done"),
        };
        using var answer = await gateway.GetAsync(where);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(what, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.True(gateway.Balance.Posted < new Credits(VideoFleet.Funds));
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/videos/generations")]
    public async Task A_deletion_that_comes_after_the_work_forgets_the_answer_when_it_is_stored(string path)
    {
        using var ids = new GatedIdSource();
        await using var gateway = await GatewayFixture.StartAsync(ids: ids);
        var id = await ToItsSettlementAsync(gateway, ids, path);

        using var deleted = await GiveUpAsync(gateway, ids, HttpMethod.Delete, path, id);

        Assert.True((await GatewayFixture.JsonAsync(deleted)).GetProperty("deleted").GetBoolean());
        using var gone = await gateway.GetAsync($"{Place(path)}/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.Folder, "bodies")));
        // What was done for it is paid for, and says so.
        using var jobs = await gateway.GetAsync("/v1/jobs");
        Assert.Equal("completed", Assert.Single((await GatewayFixture.JsonAsync(jobs)).GetProperty("data").EnumerateArray()).GetProperty("status").GetString());
    }

    private static bool IsPolled(string path) => path is "/v1/chat/completions" or Description;

    private static string Place(string path) => IsPolled(path) ? "/v1/requests" : path;

    /// <summary>Defers a request and brings it to where its work is done and its settlement is not.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> ToItsSettlementAsync(GatewayFixture gateway, GatedIdSource ids, string path, string more = "")
    {
        var isVideo = path == "/v1/videos/generations";
        var runtime = isVideo ? ScriptedRuntime.OfVideos(VideoFleet.Film) : new ScriptedRuntime(GatewayFixture.Model, "second");
        runtime.State.Models[0].Capabilities.Add(Capability.Vision);
        await gateway.AddNodeAsync(runtime);
        if (path == Description)
            await gateway.AddNodeAsync(ScriptedRuntime.OfFrames("frames"));
        runtime.Script = isVideo ? Scripts.Video(gatedAfter: 0) : Scripts.AnswerWhenPermitted("done");
        using var accepted = path switch
        {
            "/v1/responses" => await gateway.PostAsync(path, """{"model":"scripted","input":"hi","background":true}"""),
            "/v1/videos/generations" => await gateway.PostAsync(path, VideoFleet.Body()),
            Description => await gateway.PostAsync(path, $$"""{"model":"scripted","video":"{{Convert.ToBase64String(Mp4Sample.Of(3))}}","mode":"polling"}"""),
            _ => await gateway.ChatWithHeaderAsync("Prefer", "respond-async", more),
        };
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(Cancellation));
        ScriptedRun[] runs = [await runtime.NextRunAsync(Cancellation), .. more.Contains("\"all\"", StringComparison.Ordinal) ? [await runtime.NextRunAsync(Cancellation)] : Array.Empty<ScriptedRun>()];
        ids.Close();
        foreach (var run in runs)
            run.Permit(10);
        await ids.Reached;
        return (await GatewayFixture.JsonAsync(accepted)).GetProperty("id").GetString()!;
    }

    /// <summary>Gives the request up, and lets its settlement go on when the gateway knows of that.</summary>
    private static async Task<HttpResponseMessage> GiveUpAsync(GatewayFixture gateway, GatedIdSource ids, HttpMethod method, string path, string id)
    {
        var entry = gateway.App.Deferred.Find(IsPolled(path) ? id : RequestId.Prefix + id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..])!;
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopped = entry.Stop.Token.Register(known.SetResult);
        var giving = gateway.SendAsync(method, $"{Place(path)}/{id}{(method == HttpMethod.Post ? "/cancel" : "")}", null, gateway.ApiKey);
        await known.Task.WaitAsync(Cancellation);
        ids.Open();
        return await giving;
    }
}
