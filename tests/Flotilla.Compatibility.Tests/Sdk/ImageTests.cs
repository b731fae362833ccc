using System.Buffers.Binary;
using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Flotilla.Compatibility.Tests.Running;
using OpenAI;
using OpenAI.Images;
using Xunit;

namespace Flotilla.Compatibility.Tests.Sdk;

/// <summary>Pictures by a real program, through the official OpenAI package for .NET.</summary>
public sealed class ImageTests : IClassFixture<MediaFleet>
{
    private readonly MediaFleet _fleet;

    public ImageTests(MediaFleet fleet)
    {
        Assert.SkipUnless(MediaFleet.IsThere, MediaFleet.Needed);
        _fleet = fleet;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_picture_has_the_size_that_was_asked_for()
    {
        ImageClient client = new(MediaFleet.Painter, new ApiKeyCredential(_fleet.ApiKey), new OpenAIClientOptions { Endpoint = new Uri(_fleet.BaseUrl) });
        var picture = await client.GenerateImageAsync("the sea", new ImageGenerationOptions { Size = new GeneratedImageSize(320, 256), ResponseFormat = GeneratedImageFormat.Bytes }, Token);
        Assert.Equal((320, 256), SizeOf(picture.Value.ImageBytes.ToArray()));
    }

    [Fact]
    public async Task Every_picture_of_n_comes_and_is_charged()
    {
        using var response = await _fleet.Http.PostAsJsonAsync("images/generations", new { model = MediaFleet.Painter, prompt = "the sea", n = 3 }, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        var pictures = answer.GetProperty("data").EnumerateArray().Select(p => p.GetProperty("b64_json").GetBytesFromBase64()).ToList();
        Assert.Equal(3, pictures.Count);
        Assert.All(pictures, p => Assert.Equal((80, 64), SizeOf(p)));
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>("jobs/" + response.Headers.GetValues("x-flotilla-job-id").Single(), Token);
        Assert.Equal(3, job.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"model":"painter","prompt":"x","response_format":"url"}""", "response_format")]
    [InlineData("""{"model":"painter","prompt":"x","size":"0x0"}""", "size")]
    [InlineData("""{"model":"painter","prompt":"x","size":"-64x64"}""", "size")]
    [InlineData("""{"model":"painter","prompt":"x","n":11}""", "n")]
    [InlineData("""{"model":"painter","prompt":"x","n":10,"size":"2048x2048"}""", "n")]
    [InlineData("""{"model":"painter","prompt":"x","output_format":"webp"}""", "output_format")]
    [InlineData("""{"model":"painter"}""", "prompt")]
    [InlineData("""{"prompt":"x"}""", "model")]
    public async Task What_cannot_be_drawn_is_refused_by_name(string body, string param)
    {
        using var response = await _fleet.Http.PostAsync("images/generations", new StringContent(body, null, "application/json"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_model_that_only_draws_neither_chats_nor_edits()
    {
        using var chat = await _fleet.Http.PostAsJsonAsync("chat/completions", new { model = MediaFleet.Painter, messages = new[] { new { role = "user", content = "hi" } } }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, chat.StatusCode);
        using var edit = await PostAsync("images/edits", MediaFleet.Painter, await Ffmpeg.TestPictureAsync(), ("prompt", "x"));
        Assert.Equal("model_not_for_endpoint", (await ErrorAsync(edit)).Code);
        using var variation = await PostAsync("images/variations", MediaFleet.Retoucher, await Ffmpeg.TestPictureAsync());
        Assert.Equal("model_not_for_endpoint", (await ErrorAsync(variation)).Code);
    }

    [Theory]
    [InlineData("png")]
    [InlineData("mjpeg")]
    [InlineData("libwebp")]
    public async Task An_edit_changes_the_picture_that_was_sent(string codec)
    {
        var before = await Ffmpeg.TestPictureAsync(codec);
        using var response = await PostAsync("images/edits", MediaFleet.Retoucher, before, ("prompt", "turn it round"));
        var after = await Ffmpeg.PixelsAsync((await PicturesAsync(response)).Single());
        var pixels = await Ffmpeg.PixelsAsync(before);
        Assert.Equal(pixels.Length, after.Length);
        // Its negative, but for what conversions between colour spaces round.
        Assert.All(Enumerable.Range(0, 256).Select(i => i * 4), i => Assert.InRange(pixels[i] + after[i], 255 - 12, 255 + 12));
    }

    [Fact]
    public async Task An_edit_within_a_mask_keeps_to_it()
    {
        var mask = await Ffmpeg.RunAsync([], "-f", "lavfi", "-i", "color=c=black:s=256x256,drawbox=w=128:h=256:c=white:t=fill", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe");
        using var form = Form(MediaFleet.Retoucher, await Ffmpeg.TestPictureAsync(), ("prompt", "x"));
        form.Add(new ByteArrayContent(mask), "mask", "mask.png");
        using var response = await _fleet.Http.PostAsync("images/edits", form, Token);
        var pixels = await Ffmpeg.PixelsAsync((await PicturesAsync(response)).Single());
        Assert.True(pixels[3] > 200 && pixels[(255 * 4) + 3] < 50, $"alpha is {pixels[3]} on the left and {pixels[(255 * 4) + 3]} on the right");
    }

    [Fact]
    public async Task Variations_are_like_the_picture_and_unlike_each_other_and_each_is_charged()
    {
        using var response = await PostAsync("images/variations", MediaFleet.Varier, await Ffmpeg.TestPictureAsync("mjpeg"), ("n", "2"), ("size", "128x128"));
        var pictures = await PicturesAsync(response);
        Assert.Equal(2, pictures.Count);
        Assert.All(pictures, p => Assert.Equal((128, 128), SizeOf(p)));
        Assert.NotEqual(pictures[0], pictures[1]);
        var job = await _fleet.Http.GetFromJsonAsync<JsonElement>("jobs/" + response.Headers.GetValues("x-flotilla-job-id").Single(), Token);
        Assert.Equal(2, job.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_variation_may_be_asked_for_later()
    {
        using var form = Form(MediaFleet.Varier, await Ffmpeg.TestPictureAsync(), ("size", "64x64"));
        using HttpRequestMessage request = new(HttpMethod.Post, "images/variations") { Content = form };
        request.Headers.Add("Prefer", "respond-async");
        using var accepted = await _fleet.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await accepted.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();
        using var result = await _fleet.Http.GetAsync($"requests/{id}/result?wait=45", Token);
        Assert.Equal((64, 64), SizeOf((await PicturesAsync(result)).Single()));
    }

    [Theory]
    [InlineData("images/edits", MediaFleet.Retoucher, "<svg onload=alert(1)/>", "image")]
    [InlineData("images/variations", MediaFleet.Varier, "#EXTM3U\nfile:///etc/passwd\n", "image")]
    [InlineData("images/variations", MediaFleet.Varier, "", "image")]
    public async Task What_is_no_picture_is_refused(string path, string model, string content, string param)
    {
        using var response = await PostAsync(path, model, System.Text.Encoding.UTF8.GetBytes(content), ("prompt", "x"));
        Assert.Equal((400, param), ((int)response.StatusCode, (await ErrorAsync(response)).Param));
    }

    [Fact]
    public async Task A_picture_that_is_damaged_or_too_large_or_not_taken_is_refused()
    {
        var picture = await Ffmpeg.TestPictureAsync();
        using var damaged = await PostAsync("images/variations", MediaFleet.Varier, picture[..60]);
        Assert.Equal((400, "image"), ((int)damaged.StatusCode, (await ErrorAsync(damaged)).Param));

        var bomb = picture.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(16), 1_000_000);
        using var tooLarge = await PostAsync("images/variations", MediaFleet.Varier, bomb);
        Assert.Equal((400, "image"), ((int)tooLarge.StatusCode, (await ErrorAsync(tooLarge)).Param));

        using var form = Form(MediaFleet.Retoucher, picture, ("prompt", "x"));
        form.Add(new ByteArrayContent(picture), "image[]", "b.png");
        using var several = await _fleet.Http.PostAsync("images/edits", form, Token);
        Assert.Equal((400, "image"), ((int)several.StatusCode, (await ErrorAsync(several)).Param));

        using var strength = await PostAsync("images/variations", MediaFleet.Varier, picture, ("strength", "0.5"));
        Assert.Equal((400, "strength"), ((int)strength.StatusCode, (await ErrorAsync(strength)).Param));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string model, byte[] picture, params (string Name, string Value)[] fields)
    {
        using var form = Form(model, picture, fields);
        return await _fleet.Http.PostAsync(path, form, Token);
    }

    private static MultipartFormDataContent Form(string model, byte[] picture, params (string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = new() { { new StringContent(model), "model" }, { new ByteArrayContent(picture), "image", "../../a.png" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    private static async Task<List<byte[]>> PicturesAsync(HttpResponseMessage response)
    {
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").EnumerateArray().Select(p => p.GetProperty("b64_json").GetBytesFromBase64())];
    }

    private static async Task<(string? Code, string? Param)> ErrorAsync(HttpResponseMessage response)
    {
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        return (error.GetProperty("code").GetString(), error.GetProperty("param").GetString());
    }

    /// <summary>Width and height as the header of a PNG says them.</summary>
    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> png)
    {
        Assert.True(png.Length > 24 && png[1..4].SequenceEqual("PNG"u8), "no PNG");
        return (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));
    }
}
