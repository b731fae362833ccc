using System.Net;
using System.Net.Http.Headers;
using Flotilla.Gateway.Tests.Requests;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using static Flotilla.Gateway.Tests.Videos.VideoFleet;

namespace Flotilla.Gateway.Tests.Videos;

/// <summary>Parts of a video, as players ask for them: to begin with its head, and to go on from anywhere.</summary>
public sealed class VideoRangeTests
{
    private static readonly byte[] Bytes = [.. Mp4Sample.Of(2, 100_000).Select((b, i) => (byte)(b ^ (i / 7)))];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_part_of_a_video_is_206_under_both_paths()
    {
        await using var gateway = await StartAsync();
        var (id, film) = await FilmAsync(gateway);
        foreach (var path in new[] { $"/v1/videos/{id}/content", $"/v1/videos/generations/{id}/content" })
        {
            foreach (var (range, from, to) in new[] { ("bytes=0-99", 0, 99), ("bytes=100-", 100, film.Length - 1), ("bytes=-10", film.Length - 10, film.Length - 1), ("bytes=50-999999999", 50, film.Length - 1) })
            {
                using var response = await AskAsync(gateway, path, r => r.TryAddWithoutValidation("Range", range));
                Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                Assert.Equal($"bytes {from}-{to}/{film.Length}", response.Content.Headers.ContentRange!.ToString());
                Assert.Equal(("video/mp4", to - from + 1L), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentLength));
                Assert.Equal(film[from..(to + 1)], await response.Content.ReadAsByteArrayAsync(Ct));
                Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            }
        }
    }

    [Fact]
    public async Task A_whole_video_says_that_it_may_be_asked_for_in_parts_and_what_it_is()
    {
        await using var gateway = await StartAsync();
        var (id, film) = await FilmAsync(gateway);
        using var whole = await AskAsync(gateway, $"/v1/videos/{id}/content", _ => { });
        Assert.Equal((HttpStatusCode.OK, "bytes"), (whole.StatusCode, whole.Headers.AcceptRanges.Single()));
        Assert.Equal(film, await whole.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("attachment", whole.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal($"\"{id}\"", whole.Headers.ETag!.Tag);

        // A part of the same video; or all of it, where it is another one by now.
        using var same = await AskAsync(gateway, $"/v1/videos/{id}/content", r => { r.Range = new RangeHeaderValue(5, 9); r.IfRange = new RangeConditionHeaderValue(whole.Headers.ETag); });
        Assert.Equal(film[5..10], await same.Content.ReadAsByteArrayAsync(Ct));
        using var other = await AskAsync(gateway, $"/v1/videos/{id}/content", r => { r.Range = new RangeHeaderValue(5, 9); r.IfRange = new RangeConditionHeaderValue("\"another\""); });
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(film, await other.Content.ReadAsByteArrayAsync(Ct));
        using var known = await AskAsync(gateway, $"/v1/videos/{id}/content", r => r.IfNoneMatch.Add(whole.Headers.ETag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task A_part_that_is_not_there_is_416_and_another_video_412_in_the_envelope()
    {
        await using var gateway = await StartAsync();
        var (id, film) = await FilmAsync(gateway);
        foreach (var range in new[] { $"bytes={film.Length}-", "bytes=999999999-" })
        {
            using var beyond = await AskAsync(gateway, $"/v1/videos/{id}/content", r => r.TryAddWithoutValidation("Range", range));
            var error = await GatewayFixture.ErrorAsync(beyond);
            Assert.Equal((416, "range_not_satisfiable"), (error.Status, error.Code));
            Assert.Equal($"bytes */{film.Length}", beyond.Content.Headers.ContentRange!.ToString());
        }

        using var other = await AskAsync(gateway, $"/v1/videos/{id}/content", r => r.IfMatch.Add(new EntityTagHeaderValue("\"another\"")));
        Assert.Equal((412, "precondition_failed"), ((await GatewayFixture.ErrorAsync(other)).Status, (await GatewayFixture.ErrorAsync(other)).Code));
        // What cannot be read is passed over (RFC 9110).
        using var strange = await AskAsync(gateway, $"/v1/videos/{id}/content", r => r.TryAddWithoutValidation("Range", "bytes=9-5"));
        Assert.Equal(film, await strange.Content.ReadAsByteArrayAsync(Ct));
    }

    private static async Task<(string Id, byte[] Film)> FilmAsync(GatewayFixture gateway)
    {
        var runtime = await AddNodeAsync(gateway);
        var film = Mp4Sample.Of(2, 100_000);
        Bytes.AsSpan(film.Length - 100_000).CopyTo(film.AsSpan(film.Length - 100_000));
        runtime.Script = Scripts.Video(film);
        var id = await MakeAsync(gateway);
        Assert.Equal("completed", await EndAsync(gateway, id));
        return (id, film);
    }

    private static async Task<HttpResponseMessage> AskAsync(GatewayFixture gateway, string path, Action<HttpRequestHeaders> more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        more(request.Headers);
        return await gateway.Http.SendAsync(request, Ct);
    }
}
