using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Link;
using Flotilla.Testing.Nodes;

namespace Flotilla.Gateway.Tests.Requests;

/// <summary>One key, one execution, for forms too: every try draws another boundary, and its parts are the same.</summary>
public sealed class FormRepeatTests
{
    private const string Listener = "listener";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transcription_under_a_key_is_done_once_whatever_the_boundary()
    {
        await using var gateway = await StartAsync();

        using var first = await TranscribeAsync(gateway, "k-1", "sound", "one");
        var said = await first.Content.ReadAsStringAsync(Cancellation);
        var charged = gateway.Balance.Posted;
        using var second = await TranscribeAsync(gateway, "k-1", "sound", "two");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Contains("hello", said, StringComparison.Ordinal);
        Assert.Equal(said, await second.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(first.Headers.GetValues("x-flotilla-job-id"), second.Headers.GetValues("x-flotilla-job-id"));
        Assert.Equal(charged, gateway.Balance.Posted);
    }

    [Theory]
    [InlineData("other sound", "a.wav", "listener")]
    [InlineData("sound", "b.wav", "listener")]
    [InlineData("sound", "a.wav", "another")]
    public async Task Another_part_under_the_key_is_409(string sound, string fileName, string model)
    {
        await using var gateway = await StartAsync();
        using (var first = await TranscribeAsync(gateway, "k-1", "sound", "one"))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var second = await TranscribeAsync(gateway, "k-1", sound, "two", fileName, model);

        Assert.Equal((409, "idempotency_key_conflict"), (((int)second.StatusCode), (await GatewayFixture.ErrorAsync(second)).Code));
    }

    [Fact]
    public async Task A_form_that_cannot_be_read_is_refused_by_its_route()
    {
        await using var gateway = await StartAsync();
        var torn = new ByteArrayContent(Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhal"));
        torn.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        using var response = await SendAsync(gateway, "/v1/audio/transcriptions", "k-1", torn);

        Assert.Equal((400, "invalid_request"), (((int)response.StatusCode), (await GatewayFixture.ErrorAsync(response)).Code));
    }

    [Fact]
    public async Task A_file_is_uploaded_once_under_a_key_also_at_the_same_time_and_after_a_restart()
    {
        await using var gateway = await GatewayFixture.StartAsync();

        var uploads = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => UploadAsync(gateway, "k-1", "hello", $"b{i}")));
        var texts = await Task.WhenAll(uploads.Select(u => u.Content.ReadAsStringAsync(Cancellation)));
        await gateway.RestartAsync();
        using var late = await UploadAsync(gateway, "k-1", "hello", "late");

        Assert.All(uploads, upload => Assert.Equal(HttpStatusCode.OK, upload.StatusCode));
        Assert.Equal(7, uploads.Count(upload => upload.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal(Assert.Single(texts.Distinct()), await late.Content.ReadAsStringAsync(Cancellation));
        using var list = await gateway.GetAsync("/v1/files");
        Assert.Single((await GatewayFixture.JsonAsync(list)).GetProperty("data").EnumerateArray());
        Assert.Single(Directory.EnumerateFiles(Path.Combine(gateway.Folder, "files")));
        foreach (var upload in uploads)
            upload.Dispose();
    }

    [Fact]
    public async Task Another_file_under_the_key_and_a_key_that_is_no_key_leave_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        using (var first = await UploadAsync(gateway, "k-1", "hello", "b"))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var other = await UploadAsync(gateway, "k-1", "hello!", "b");
        using var bad = await UploadAsync(gateway, "with space", "hello", "b");
        using var chat = await gateway.ChatWithHeaderAsync("Idempotency-Key", "k-1");

        Assert.Equal("idempotency_key_conflict", (await GatewayFixture.ErrorAsync(other)).Code);
        Assert.Equal("Idempotency-Key", (await GatewayFixture.ErrorAsync(bad)).Param);
        Assert.Equal("idempotency_key_conflict", (await GatewayFixture.ErrorAsync(chat)).Code);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(gateway.Folder, "files")));
    }

    [Fact]
    public async Task An_upload_that_was_refused_can_be_tried_again_under_its_key()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: o => o with { StoredBytesMax = 4 });
        using (var refused = await UploadAsync(gateway, "k-1", "hello", "b"))
            Assert.Equal(413, (int)refused.StatusCode);

        using var served = await UploadAsync(gateway, "k-1", "hell", "b");

        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    private static async Task<GatewayFixture> StartAsync()
    {
        var gateway = await GatewayFixture.StartAsync();
        var offer = ScriptedRuntime.Offer(Listener);
        offer.Capabilities.Clear();
        offer.Capabilities.Add(Capability.Transcription);
        await gateway.AddNodeAsync(new ScriptedRuntime
        {
            State = new RuntimeState([offer]),
            Script = Scripts.Events(
                new Usage { PromptTokens = 1 },
                new Event { Segment = new Segment { StartMs = 0, EndMs = 900, Text = "hello" } },
                new Event { ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } }),
        });
        return gateway;
    }

    private static Task<HttpResponseMessage> TranscribeAsync(GatewayFixture gateway, string key, string sound, string boundary, string fileName = "a.wav", string model = Listener) =>
        SendAsync(gateway, "/v1/audio/transcriptions", key, new MultipartFormDataContent(boundary)
        {
            { new StringContent(model), "model" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(sound)), "file", fileName },
        });

    private static Task<HttpResponseMessage> UploadAsync(GatewayFixture gateway, string key, string text, string boundary) =>
        SendAsync(gateway, "/v1/files", key, new MultipartFormDataContent(boundary)
        {
            { new StringContent("user_data"), "purpose" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", "a.txt" },
        });

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, string path, string key, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.ApiKey);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await gateway.Http.SendAsync(request, Cancellation);
    }
}
