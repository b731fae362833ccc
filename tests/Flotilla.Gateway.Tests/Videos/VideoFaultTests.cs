using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Flotilla.Gateway.Tests.Deferred;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Microsoft.Data.Sqlite;
using static Flotilla.Gateway.Tests.Videos.VideoFleet;

namespace Flotilla.Gateway.Tests.Videos;

/// <summary>Videos whose node dies or lies, whose gateway goes and comes back, and whose time is over.</summary>
public sealed class VideoFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_video_whose_node_is_killed_is_made_by_another_and_charged_once()
    {
        await using var gateway = await StartAsync();
        var first = ScriptedRuntime.OfVideos(Film);
        var node = await gateway.AddNodeAsync(first);
        first.Script = Scripts.Video(Mp4Sample.Of(2, 200_000, fill: 1), gatedAfter: 1);
        var id = await MakeAsync(gateway);
        var run = await first.NextRunAsync(Cancellation);
        await run.WhenEmittedAsync(1, Cancellation);

        var second = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(2, 100_000, fill: 2);
        second.Script = Scripts.Video(film);
        await node.KillAsync();

        Assert.Equal("completed", await EndAsync(gateway, id));
        Assert.Equal(film, await ContentAsync(gateway, id));
        Assert.Equal(Funds - (2 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_video_whose_only_node_is_killed_fails_and_costs_nothing()
    {
        await using var gateway = await StartAsync();
        var runtime = ScriptedRuntime.OfVideos(Film);
        var node = await gateway.AddNodeAsync(runtime);
        runtime.Script = Scripts.Video(Mp4Sample.Of(2, 200_000), gatedAfter: 1);
        var id = await MakeAsync(gateway);
        await (await runtime.NextRunAsync(Cancellation)).WhenEmittedAsync(1, Cancellation);
        await node.KillAsync();

        Assert.Equal("failed", await EndAsync(gateway, id));
        Assert.Equal("node_failed", (await FindAsync(gateway, id)).GetProperty("error").GetProperty("code").GetString());
        AssertNothingStays(gateway);
    }

    public static TheoryData<string, byte[], uint> Lies => new()
    {
        { "nothing at all", [], 2 },
        { "a page", "<html><body>buy now</body></html>"u8.ToArray(), 2 },
        { "noise", [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 31))], 2 },
        { "less than it counts", Mp4Sample.Of(1), 2 },
        { "a video that counts nothing", Mp4Sample.Of(2), 0 },
        { "sound", [.. Mp4Sample.Box("ftyp", "isom"u8.ToArray()), .. Mp4Sample.Box("moov", Mp4Sample.Head(1, 2), Mp4Sample.Track("soun")), .. Mp4Sample.Box("mdat", new byte[9])], 2 },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_a_node_makes_that_is_no_such_video_fails_and_costs_nothing(string what, byte[] file, uint seconds)
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        runtime.Script = Scripts.Video(file, seconds);
        var id = await MakeAsync(gateway);

        Assert.True(await EndAsync(gateway, id) == "failed", what);
        Assert.Equal("node_failed", (await FindAsync(gateway, id)).GetProperty("error").GetProperty("code").GetString());
        AssertNothingStays(gateway);
    }

    [Fact]
    public async Task A_video_that_is_shorter_costs_less_and_one_that_is_longer_not_more()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        runtime.Script = Scripts.Video(Mp4Sample.Of(1), seconds: 1);
        Assert.Equal("completed", await EndAsync(gateway, await MakeAsync(gateway)));
        Assert.Equal(Funds - SecondCost, gateway.Balance.Available.Micro);

        runtime.Script = Scripts.Video(Mp4Sample.Of(100), seconds: 2);
        Assert.Equal("completed", await EndAsync(gateway, await MakeAsync(gateway)));
        Assert.Equal(Funds - (3 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_video_may_be_as_large_as_its_seconds_allow_and_no_larger()
    {
        await using var gateway = await StartAsync();
        var runtime = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(4, (int)(3 * LinkLimits.VideoBytesPerSecondMax));
        runtime.Script = Scripts.Video(film);
        var id = await MakeAsync(gateway, "\"duration_seconds\":4");
        Assert.Equal("completed", await EndAsync(gateway, id));
        Assert.Equal(SHA256.HashData(film), SHA256.HashData(await ContentAsync(gateway, id)));
        Assert.Equal(Funds - (4 * SecondCost), gateway.Balance.Available.Micro);

        runtime.Script = Scripts.Video(Mp4Sample.Of(1, (int)(LinkLimits.MediaBytesFree + LinkLimits.VideoBytesPerSecondMax)));
        Assert.Equal("failed", await EndAsync(gateway, await MakeAsync(gateway, "\"duration_seconds\":1")));
        Assert.Equal(Funds - (4 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_gateway_that_comes_back_makes_what_was_cut_off_and_has_what_was_made()
    {
        await using var gateway = await VideoFleet.StartAsync(o => o with { DrainTimeout = TimeSpan.Zero });
        var runtime = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(2, 100_000, fill: 3);
        runtime.Script = Scripts.Video(film);
        var made = await MakeAsync(gateway);
        await EndAsync(gateway, made);
        runtime.Script = Scripts.Video(film, gatedAfter: 1);
        var running = await MakeAsync(gateway);
        await (await runtime.NextRunAsync(Cancellation)).WhenEmittedAsync(1, Cancellation);

        await gateway.RestartAsync();
        // What was cut off goes on as soon as the node is there.
        var back = ScriptedRuntime.OfVideos(Film);
        back.Script = Scripts.Video(film);
        await gateway.AddNodeAsync(back);

        Assert.Equal(film, await ContentAsync(gateway, made));
        Assert.Equal("completed", await EndAsync(gateway, running));
        Assert.Equal(film, await ContentAsync(gateway, running));
        Assert.Equal(Funds - (4 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_video_that_was_charged_before_a_crash_is_made_again_at_no_charge()
    {
        await using var gateway = await StartAsync();
        await AddNodeAsync(gateway);
        var id = await MakeAsync(gateway);
        await EndAsync(gateway, id);

        await gateway.RestartAsync(folder => RestartTests.Forget(folder, "req_" + id["video_".Length..]));
        await AddNodeAsync(gateway);

        Assert.Equal("completed", await EndAsync(gateway, id));
        Assert.Equal(Mp4Sample.Of(2), await ContentAsync(gateway, id));
        Assert.Equal(Funds - (2 * SecondCost), gateway.Balance.Available.Micro);
    }

    [Fact]
    public async Task A_video_for_which_no_node_comes_in_time_is_expired()
    {
        await using var gateway = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/videos/generations") { Content = new StringContent(Body().Replace(Film, "soon", StringComparison.Ordinal), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.Add("x-flotilla-ttl", "1");
        using var response = await gateway.Http.SendAsync(request, Cancellation);
        var id = (await GatewayFixture.JsonAsync(response)).GetProperty("id").GetString()!;

        Assert.Equal("expired", await EndAsync(gateway, id));
        var shown = await FindAsync(gateway, id, path: "/v1/videos");
        Assert.Equal(("failed", "no_workers_available"), (shown.GetProperty("status").GetString(), shown.GetProperty("error").GetProperty("code").GetString()));
        AssertNothingStays(gateway);
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(48, false)]
    public async Task A_video_is_kept_as_long_as_the_setting_says(int hours, bool isGone)
    {
        await using var gateway = await VideoFleet.StartAsync(o => o with { VideosKept = TimeSpan.FromHours(hours) });
        await AddNodeAsync(gateway);
        var id = await MakeAsync(gateway);
        await EndAsync(gateway, id);

        await gateway.RestartAsync(folder =>
        {
            using var state = new SqliteConnection($"Data Source={Path.Combine(folder, "state.db")};Pooling=False");
            state.Open();
            state.Execute("UPDATE request SET finished_ms = finished_ms - @hours", new { hours = (long)TimeSpan.FromHours(25).TotalMilliseconds });
        });

        if (isGone)
        {
            await GoneAsync(gateway, $"/v1/videos/{id}/content");
            await GoneAsync(gateway, $"/v1/videos/generations/{id}");
        }
        else
        {
            Assert.Equal(Mp4Sample.Of(2), await ContentAsync(gateway, id));
        }

        using var list = await gateway.GetAsync("/v1/videos");
        Assert.Equal(isGone ? 0 : 1, (await GatewayFixture.JsonAsync(list)).GetProperty("data").GetArrayLength());
    }

    private static void AssertNothingStays(GatewayFixture gateway)
    {
        Assert.Equal(Funds, gateway.Balance.Available.Micro);
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.Folder, "bodies")));
    }
}
