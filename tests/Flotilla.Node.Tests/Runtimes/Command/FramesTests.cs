using System.Diagnostics;
using Flotilla.Node.Runtimes;
using Flotilla.Node.Runtimes.Command;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Flotilla.Testing;
using Flotilla.Testing.Nodes;
using Google.Protobuf;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes.Command;

/// <summary>Frames of videos that Debian's ffmpeg made, taken by the command file that is shipped.</summary>
public sealed class FramesTests : IDisposable
{
    private const string Program = "/usr/bin/ffmpeg";
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static CommandOptions Shipped => CommandJobs.Shipped("ffmpeg-frames");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3u)]
    [InlineData(6u)]
    [InlineData(16u)]
    public async Task Frames_are_evenly_spaced_over_all_of_the_video_and_in_their_order(uint count)
    {
        // A second of each: red, green, blue.
        var video = await MakeAsync([.. Seconds("red", "lime", "blue"), "-filter_complex", "[0][1][2]concat=n=3"]);

        var (result, output) = await RunAsync(Shipped, video, count);

        Assert.Null(result.Failure);
        Assert.Equal(count, result.Usage.CompletionTokens);
        var seen = new List<char>();
        foreach (var frame in Frames(output, count))
        {
            Assert.Equal(("image/jpeg", 320, 240), ImageHeader.Read(frame) is { } header ? (header.MediaType, header.Width, header.Height) : default);
            seen.Add(await ColourAsync(frame));
        }

        Assert.Equal("rgb", string.Concat(seen.Distinct()));
        Assert.Equal(seen, seen.OrderBy(c => "rgb".IndexOf(c, StringComparison.Ordinal)));
        Assert.All("rgb", c => Assert.InRange(seen.Count(s => s == c), (int)count / 3, ((int)count + 2) / 3));
    }

    [Fact]
    public async Task A_model_behind_a_gateway_is_shown_them_in_their_order()
    {
        var video = await MakeAsync([.. Seconds("red", "lime", "blue"), "-filter_complex", "[0][1][2]concat=n=3"]);
        await using var gateway = await SecondFlotilla.StartAsync();
        await using var taker = TestNode.Start(gateway.Origin, await gateway.JoinTokenAsync(), new CommandRuntime([Shipped]));
        await taker.WhenAdmittedAsync(Shipped.Model, Ct);
        var seer = new ScriptedRuntime("seer") { Script = Scripts.Answer("Red, green, blue.") };
        seer.State.Models[0].Capabilities.Add(Capability.Vision);
        await using var node = await TestNode.StartAdmittedAsync(gateway.Origin, await gateway.JoinTokenAsync(), seer, Ct);
        using var form = new MultipartFormDataContent { { new StringContent("seer"), "model" }, { new StringContent("3"), "frames" }, { new ByteArrayContent(video), "video", "a.mp4" } };

        using var response = await gateway.PostAsync("/v1/videos/description", form, Ct);

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Ct));
        Assert.Contains("Red, green, blue.", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var shown = (await seer.NextRunAsync(Ct)).Text.Chat.Messages.Single().Parts.Where(p => p.Image is not null).Select(p => Convert.FromBase64String(p.Image.Url.Split(',')[1]));
        Assert.Equal("rgb", string.Concat(await Task.WhenAll(shown.Select(ColourAsync))));
    }

    [Fact]
    public async Task Frames_of_a_large_video_are_small_and_keep_its_shape()
    {
        var video = await MakeAsync("-f", "lavfi", "-i", "nullsrc=s=2048x1024:d=0.2:r=10,geq=random(1)*255:128:128");
        var (result, output) = await RunAsync(Shipped, video, 2);
        Assert.Null(result.Failure);
        Assert.All(Frames(output, 2), f => Assert.Equal((768, 384), ImageHeader.Read(f) is { } header ? (header.Width, header.Height) : default));
    }

    [Fact]
    public async Task A_video_whose_head_lies_is_held_to_what_it_says()
    {
        var video = await MakeAsync("-f", "lavfi", "-i", "color=red:s=4224x2304:d=0.5:r=4");
        Assert.NotNull(Mp4Head.Fault(video));
        // The same with another size in its head: nobody unpacks pictures of more pixels than are allowed.
        var head = video.AsSpan().IndexOf("tkhd"u8) + 4 + 76;
        (video[head], video[head + 1]) = (0, 64);
        Assert.Null(Mp4Head.Fault(video));
        Assert.Equal((Code.InvalidRequest, "video", false), await FailureAsync(Shipped, video));

        var longer = await MakeAsync("-f", "lavfi", "-i", "color=red:s=64x64:d=9:r=4", "-f", "lavfi", "-i", "color=blue:s=64x64:d=9:r=4", "-filter_complex", "[0][1]concat=n=2");
        var length = longer.AsSpan().IndexOf("mvhd"u8) + 4 + 16;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(longer.AsSpan(length), 2_000);
        Assert.Equal(2, Mp4Head.Of(longer)!.Value.Seconds);
        var (result, output) = await RunAsync(Shipped, longer, 4);
        Assert.Null(result.Failure);
        foreach (var frame in Frames(output, 4))
            Assert.Equal('r', await ColourAsync(frame));
    }

    [Fact]
    public async Task A_file_that_only_begins_as_a_video_is_the_clients_fault()
    {
        Assert.Equal((Code.InvalidRequest, "video", false), await FailureAsync(Shipped, Mp4Sample.Of(2)));
        var video = await MakeAsync("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1:r=4");
        video.AsSpan(video.AsSpan().IndexOf("mdat"u8) + 4).Clear();
        Assert.Equal((Code.InvalidRequest, "video", false), await FailureAsync(Shipped, video));
    }

    [Theory]
    [InlineData("printf '\\377\\330\\377 a picture' > f1; printf '\\377\\330\\377 a picture' > f2", 2u)]
    [InlineData("printf '\\377\\330\\377 a picture' > f1", 1u)]
    [InlineData("printf '\\377\\330\\377 a picture' > f1; printf '\\377\\330\\377 a picture' > f3", 1u)]
    [InlineData("echo '<html>' > f1", null)]
    [InlineData("ln -s /etc/passwd f1", null)]
    [InlineData("head -c 300k /dev/zero > f1", null)]
    [InlineData("true", null)]
    public async Task What_a_program_leaves_is_looked_at(string script, uint? taken)
    {
        var command = Shipped with { Programs = [new CommandProgram { Run = ["sh", "-c", script] }], OutputFile = "f%d" };
        var (result, output) = await RunAsync(command, Mp4Sample.Of(2), 3);
        Assert.Equal(taken, result.Failure is null ? result.Usage.CompletionTokens : null);
        if (taken is not null)
            Assert.Equal([.. Enumerable.Repeat(1u, (int)taken), .. Enumerable.Repeat(0u, 3 - (int)taken)], output.Events.Where(e => e.ChoiceDone is not null).Select(e => e.TokenCount));
    }

    [Fact]
    public async Task A_command_of_frames_offers_them_and_says_how_its_files_are_called()
    {
        Assert.Contains(Capability.Frames, (await new CommandRuntime([Shipped]).ProbeAsync(Ct)).Models.Single().Capabilities);
        Assert.Contains(CommandOptionsValidator.Errors(Shipped with { OutputFile = "frame.jpg" }), e => e.StartsWith("output_file is 'frame.jpg'", StringComparison.Ordinal));
        Assert.Contains(CommandOptionsValidator.Errors(Shipped with { OutputFile = null }), e => e.StartsWith("output_file is ''", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Seconds(params string[] colours) => colours.SelectMany(c => (string[])["-f", "lavfi", "-i", $"color={c}:s=320x240:d=1:r=10"]);

    /// <summary>Of which of the three a picture has most.</summary>
    private static async Task<char> ColourAsync(byte[] picture)
    {
        var pixel = await FfmpegAsync(picture, "-f", "mjpeg", "-i", "pipe:0", "-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1");
        return "rgb"[Array.IndexOf(pixel, pixel.Max())];
    }

    private static List<byte[]> Frames(CollectingOutput output, uint count) =>
        [.. Enumerable.Range(0, (int)count).Select(i => output.Events.Where(e => e.Choice == i && e.Media is not null).SelectMany(e => e.Media.Data).ToArray())];

    private static async Task<(Code, string, bool)> FailureAsync(CommandOptions command, byte[] video) =>
        (await RunAsync(command, video, 2)).Result.Failure is { } failure ? (failure.Code, failure.Param, failure.Retryable) : default;

    private static Task<(RunResult Result, CollectingOutput Output)> RunAsync(CommandOptions command, byte[] video, uint count) =>
        CommandJobs.RunAsync(command, JobKind.Frames, new FramesRequest { Video = ByteString.CopyFrom(video), Count = count });

    private async Task<byte[]> MakeAsync(params string[] arguments)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName() + ".mp4");
        await FfmpegAsync([], [.. arguments, "-c:v", "mpeg4", "-bitexact", "-movflags", "+faststart", "-y", path]);
        return await File.ReadAllBytesAsync(path, Ct);
    }

    private static async Task<byte[]> FfmpegAsync(byte[] input, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), "Debian's ffmpeg is needed.");
        using var process = Process.Start(new ProcessStartInfo(Program, ["-v", "error", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, Ct);
        await process.StandardInput.BaseStream.WriteAsync(input, Ct);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
