using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using Flotilla.Protocol.Jobs;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Videos by a real program, with the command file that is shipped.</summary>
public sealed class FilmTests : IClassFixture<MediaFleet>
{
    private readonly MediaFleet _fleet;

    public FilmTests(MediaFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, MediaFleet.Needed);
        _fleet = fleet;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_film_is_an_MP4_of_the_length_and_size_that_were_asked_for_and_costs_its_seconds()
    {
        var (view, film) = await FilmAsync(new { model = MediaFleet.Filmer, prompt = "a boat", duration_seconds = 2, size = "320x256", seed = 7 });
        Assert.Equal(2, Mp4File.Seconds(new MemoryStream(film)));
        var pixels = await Ffmpeg.RunAsync(film, "-f", "mp4", "-i", "pipe:0", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba");
        Assert.Equal(320 * 256 * 4, pixels.Length);
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>("jobs/" + view.GetProperty("job_id").GetString(), Token);
        Assert.Equal(2, job.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task The_seed_and_the_prompt_make_the_film()
    {
        async Task<byte[]> OfAsync(string prompt, int seed) => (await FilmAsync(new { model = MediaFleet.Filmer, prompt, seed, duration_seconds = 1 })).Film;
        var film = await OfAsync("a boat", 1);
        Assert.Equal(film, await OfAsync("a boat", 1));
        Assert.NotEqual(film, await OfAsync("a boat", 2));
        Assert.NotEqual(film, await OfAsync("a ship", 1));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("%{metadata:x} [0:v]movie=/etc/passwd;'\\")]
    [InlineData("\u001b[2J\u001b[999999H \u0007 é 日本")]
    public async Task A_prompt_is_a_prompt_whatever_it_says(string prompt) =>
        Assert.Equal(1, Mp4File.Seconds(new MemoryStream((await FilmAsync(new { model = MediaFleet.Filmer, prompt, duration_seconds = 1 })).Film)));

    [Fact]
    public async Task A_picture_that_the_model_does_not_take_fails_by_its_name()
    {
        var picture = "data:image/png;base64," + Convert.ToBase64String(await Ffmpeg.TestPictureAsync());
        var view = await EndAsync(new { model = MediaFleet.Filmer, prompt = "x", duration_seconds = 1, input_reference = new { image_url = picture } });
        Assert.Equal(("failed", "unsupported_parameter"), (view.GetProperty("status").GetString(), view.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains("input_reference", view.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<(JsonElement View, byte[] Film)> FilmAsync(object body)
    {
        var view = await EndAsync(body);
        Assert.True(view.GetProperty("status").GetString() == "completed", view.ToString());
        return (view, await _fleet.Http.GetByteArrayAsync($"videos/generations/{view.GetProperty("id").GetString()}/content", Token));
    }

    private async Task<JsonElement> EndAsync(object body)
    {
        using var response = await _fleet.Http.PostAsJsonAsync("videos/generations", body, Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();
        return await _fleet.Http.GetFromJsonAsync<JsonElement>($"videos/generations/{id}?wait=45", Token);
    }
}
