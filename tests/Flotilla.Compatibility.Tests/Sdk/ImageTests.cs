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
        Assert.SkipUnless(MediaFleet.IsThere, "Debian's espeak-ng, ffmpeg and pocketsphinx are needed; ./test installs them where there is apt-get.");
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
        using MultipartFormDataContent form = new() { { new StringContent(MediaFleet.Painter), "model" }, { new StringContent("x"), "prompt" }, { new ByteArrayContent([1, 2, 3]), "image", "a.png" } };
        using var edit = await _fleet.Http.PostAsync("images/edits", form, Token);
        Assert.Equal(HttpStatusCode.BadRequest, edit.StatusCode);
    }

    /// <summary>Width and height as the header of a PNG says them.</summary>
    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> png)
    {
        Assert.True(png.Length > 24 && png[1..4].SequenceEqual("PNG"u8), "no PNG");
        return (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));
    }
}
