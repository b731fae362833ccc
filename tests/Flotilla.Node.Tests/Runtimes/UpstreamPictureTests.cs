using Flotilla.Node.Runtimes;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;
using static Flotilla.Node.Tests.Runtimes.UpstreamJobs;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes;

/// <summary>Pictures by another server, and what it might send instead.</summary>
public sealed class UpstreamPictureTests
{
    private static readonly byte[] Jpeg = Pictures.Jpeg(320, 256);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pictures_come_in_their_order_whatever_their_size()
    {
        var large = Png.Concat(new byte[100_000]).ToArray();
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(large, Png)));
        var work = Picture;
        work.Count = 2;

        var (result, output) = await RunAsync(server, JobKind.Image, work);

        Assert.Null(result.Failure);
        Assert.Equal(2u, result.Usage.CompletionTokens);
        Assert.Equal(large, output.Media(0));
        Assert.Equal(Png, output.Media(1));
        AssertKept(JobKind.Image, work, output);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/generations HTTP/1.1", request, StringComparison.Ordinal);
        Assert.EndsWith("""{"model":"theirs","prompt":"a boat","n":2,"size":"320x256","response_format":"b64_json"}""", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_sends_its_pictures_and_its_mask()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = Picture;
        work.Task = ImageRequest.Types.Task.Edit;
        work.Images.Add([ByteString.CopyFrom(Png), ByteString.CopyFrom(Jpeg)]);
        work.Mask = ByteString.CopyFrom(Png);

        var (result, output) = await RunAsync(server, JobKind.Image, work);

        Assert.Null(result.Failure);
        Assert.Equal(Png, output.Media());
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/edits HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image[]\"; filename=\"image.png\"\r\nContent-Type: image/png", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image[]\"; filename=\"image.jpeg\"\r\nContent-Type: image/jpeg", request, StringComparison.Ordinal);
        Assert.Contains("name=\"mask\"; filename=\"image.png\"", request, StringComparison.Ordinal);
        Assert.Contains("name=\"prompt\"\r\n\r\na boat\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variation_has_one_picture_and_no_words()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "png", Images = { ByteString.CopyFrom(Png) }, Strength = 0.5f };
        Assert.Null((await RunAsync(server, JobKind.Image, work)).Result.Failure);
        var request = await server.RequestAsync();
        Assert.StartsWith("POST /v1/images/variations HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("name=\"image\"; filename=\"image.png\"", request, StringComparison.Ordinal);
        Assert.Contains("name=\"strength\"\r\n\r\n0.5\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("\"prompt\"", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clients_file_that_is_no_picture_goes_nowhere()
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", Answer(Png)));
        var work = new ImageRequest { Task = ImageRequest.Types.Task.Vary, Count = 1, OutputFormat = "png", Images = { ByteString.CopyFromUtf8("%PDF-1.7 and no picture") } };
        var failure = (await RunAsync(server, JobKind.Image, work)).Result.Failure!;
        Assert.Equal((Code.InvalidRequest, "image", false), (failure.Code, failure.Param, failure.Retryable));
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task A_server_that_knows_no_response_format_is_asked_without_it()
    {
        await using var server = new ScriptedServer(
            ScriptedServer.Http(400, "application/json", """{"error":{"message":"Unknown parameter: 'response_format'.","code":"unknown_parameter"}}"""),
            ScriptedServer.Http(200, "application/json", Answer(Png)));
        Assert.Null((await RunAsync(server, JobKind.Image, Picture)).Result.Failure);
        Assert.Contains("response_format", await server.RequestAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("response_format", await server.RequestAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, Code> NoPictures => new()
    {
        { Answer(), Code.Runtime },
        { Answer(Png, Png), Code.Runtime },
        { Answer(Jpeg), Code.Unsupported },
        { Answer(Pictures.Png(256, 320)), Code.Unsupported },
        { Answer(Png[..20]), Code.Runtime },
        { Answer("MZ and a program"u8.ToArray()), Code.Runtime },
        { """{"data":[{"url":"http://169.254.169.254/latest"}]}""", Code.Runtime },
        { """{"data":[{"b64_json":"???"}]}""", Code.Runtime },
        { """{"data":[7]}""", Code.Runtime },
        { """{"data":{}}""", Code.Runtime },
        { "{", Code.Runtime },
    };

    [Theory]
    [MemberData(nameof(NoPictures))]
    public async Task What_is_no_picture_fails_the_job_alone(string answer, Code code)
    {
        await using var server = new ScriptedServer(ScriptedServer.Http(200, "application/json", answer));
        var (result, output) = await RunAsync(server, JobKind.Image, Picture);
        Assert.Equal(code, result.Failure!.Code);
        Assert.Empty(output.Events);
    }
}
