using System.Net;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>Documents and videos that a request names by their URLs; where to and how is that of images (<see cref="FetchTests"/>).</summary>
public sealed class FetchedFileTests
{
    private const string Responses = "/v1/responses";
    private const string Responded = """{"model":"scripted","input":[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_url":"URL"},{"type":"input_text","text":"q"}]}]}""";
    private const string Param = "input[0].content[0].file_url";
    private static readonly byte[] Paper = "%PDF-1.7 and so on"u8.ToArray();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Responses, Responded)]
    [InlineData("/v1/chat/completions", """{"model":"scripted","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_url":"URL"}},{"type":"text","text":"q"}]}]}""")]
    [InlineData("/v1/messages", """{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","title":"a.pdf","source":{"type":"url","url":"URL"}}]}]}""")]
    public async Task A_node_gets_the_document_under_the_type_that_it_has(string path, string body)
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync();
        var runtime = await ReadingAsync(gateway);
        foreach (var (file, type) in new[] { (Paper, "application/pdf"), ("grüezi"u8.ToArray(), "text/plain") })
        {
            server.Give(file);
            using var response = await gateway.PostAsync(path, body.Replace("URL", server.Url(), StringComparison.Ordinal));

            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Ct));
            var sent = (await runtime.NextRunAsync(Ct)).Text.Chat.Messages[0].Parts[0].File;
            Assert.Equal(("a.pdf", $"data:{type};base64,{Convert.ToBase64String(file)}"), (sent.Name, sent.Data));
        }
    }

    [Fact]
    public async Task The_worst_case_has_the_document_in_it()
    {
        await using var server = await PictureServer.StartAsync();
        server.Give([.. Enumerable.Repeat((byte)'a', 1500)]);
        // Enough for a prompt with the URL in it, and not for one with the document.
        await using var gateway = await StartAsync(credits: "0.012");
        var runtime = await ReadingAsync(gateway);
        using var response = await gateway.PostAsync(Responses, Responded.Replace("URL", server.Url(), StringComparison.Ordinal)[..^1] + ",\"max_output_tokens\":16}");
        Assert.Equal(402, (int)response.StatusCode);
        Assert.Equal(0, runtime.Waiting);
    }

    [Theory]
    [InlineData("zip", "is neither a PDF nor a text in UTF-8")]
    [InlineData("nothing", "is neither a PDF nor a text in UTF-8")]
    [InlineData("large", "it is too large")]
    public async Task What_is_no_document_is_a_400_that_says_why_and_costs_nothing(string what, string why)
    {
        await using var server = await PictureServer.StartAsync();
        server.Give(what switch { "zip" => [.. "PK"u8, 3, 4, 0, 0], "nothing" => [], _ => new byte[GatewayLimits.BodyBytesMax] });
        await using var gateway = await StartAsync();
        var runtime = await ReadingAsync(gateway);

        using var response = await gateway.PostAsync(Responses, Responded.Replace("URL", server.Url(), StringComparison.Ordinal));

        var error = await GatewayFixture.ErrorAsync(response);
        Assert.Equal((400, "invalid_file_url", Param), (error.Status, error.Code, error.Param));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, runtime.Waiting);
    }

    [Fact]
    public async Task A_gateway_fetches_no_document_and_no_video_unless_its_operator_names_hosts()
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync(mediaHosts: []);
        await ReadingAsync(gateway);
        await gateway.AddNodeAsync(ScriptedRuntime.OfFrames("frames"));
        foreach (var (path, body, param) in new[] { (Responses, Responded, Param), ("/v1/videos/description", """{"model":"scripted","video":"URL"}""", "video") })
        {
            using var response = await gateway.PostAsync(path, body.Replace("URL", server.Url(), StringComparison.Ordinal));
            var error = await GatewayFixture.ErrorAsync(response);
            Assert.Equal((400, "unsupported_parameter", param), (error.Status, error.Code, error.Param));
            Assert.Contains("media_hosts", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, server.Asked);
    }

    [Fact]
    public async Task A_video_is_fetched_for_the_model_that_takes_its_frames()
    {
        await using var server = await PictureServer.StartAsync();
        await using var gateway = await StartAsync();
        await ReadingAsync(gateway);
        var taker = ScriptedRuntime.OfFrames("frames");
        await gateway.AddNodeAsync(taker);
        var body = """{"model":"scripted","video_url":{"url":"URL"}}""".Replace("URL", server.Url(), StringComparison.Ordinal);

        server.Give(Paper);
        using (var refused = await gateway.PostAsync("/v1/videos/description", body))
            Assert.Equal(("invalid_file_url", "video_url.url"), ((await GatewayFixture.ErrorAsync(refused)).Code, (await GatewayFixture.ErrorAsync(refused)).Param));
        server.Give(Mp4Sample.Of(2));
        using var response = await gateway.PostAsync("/v1/videos/description", body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Mp4Sample.Of(2), ((FramesRequest)(await taker.NextRunAsync(Ct)).Request.Work).Video.ToByteArray());
    }

    private static Task<GatewayFixture> StartAsync(string credits = "1000", IReadOnlyList<string>? mediaHosts = null) => GatewayFixture.StartAsync(
        credits, o => o with { Outbound = new OutboundOptions { AllowHttp = true, MediaHosts = mediaHosts ?? ["127.0.0.1"], PrivateRanges = ["127.0.0.0/8"] } });

    private static async Task<ScriptedRuntime> ReadingAsync(GatewayFixture gateway)
    {
        var runtime = new ScriptedRuntime(GatewayFixture.Model);
        runtime.State.Models[0].Capabilities.AddRange([Capability.FileInput, Capability.Vision]);
        await gateway.AddNodeAsync(runtime);
        return runtime;
    }
}
