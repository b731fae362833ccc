using Flotilla.Node.Runtimes;
using Flotilla.Node.Runtimes.Command;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;
using static Flotilla.Node.Tests.Runtimes.Command.CommandJobs;
using Code = Flotilla.Protocol.Link.Failed.Types.Code;

namespace Flotilla.Node.Tests.Runtimes.Command;

/// <summary>Pictures and videos of real programs, well-behaved and not.</summary>
public sealed class CommandRuntimeTests : IDisposable
{
    private const string Name = "m";
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(4u, 2u, 2u)]
    [InlineData(2u, 2u, 2u)]
    [InlineData(1u, 2u, 1u)]
    public async Task A_video_counts_the_seconds_that_it_plays_and_no_more_than_were_asked_for(uint asked, uint plays, uint counted)
    {
        var film = Mp4Sample.Of(plays, mediaBytes: 100_000);
        var (result, output) = await RunAsync(Film($"cp {Store(film)} answer.mp4"), JobKind.Video, Ask(asked));

        Assert.Null(result.Failure);
        Assert.Equal(counted, result.Usage.CompletionTokens);
        Assert.Equal(film, Bytes(output));
        Assert.Equal((counted, true), (output.Events[^1].TokenCount, output.Events[^1].ChoiceDone is not null));
        Assert.All(output.Events.SkipLast(1), e => Assert.Equal(0u, e.TokenCount));
    }

    [Fact]
    public async Task A_program_gets_the_prompt_the_numbers_and_the_picture_that_it_says_it_takes()
    {
        var command = Film(
            $"read -r said; test \"$said\" = 'a $(boat)' -a $1 = 3 -a $2 = 640 -a $3 = 256 -a $4 = with && cmp image {Store(Pictures.Png(256, 256))} && cp {Store(Mp4Sample.Of(3))} answer.mp4",
            ["{seconds}", "{width}", "{height}", "{input_reference}"]) with
        {
            Width = 640, Height = 256,
            Choices = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>
            {
                ["input_reference"] = new Dictionary<string, IReadOnlyList<string>> { ["none"] = ["without"], ["given"] = ["with"] },
            },
        };
        var work = Ask(3);
        work.Prompt = "a $(boat)\n";
        work.Image = ByteString.CopyFrom(Pictures.Png(256, 256));
        Assert.Null((await RunAsync(command, JobKind.Video, work)).Result.Failure);

        work.Image = ByteString.Empty;
        Assert.Equal((Code.Runtime, true), await FailureAsync(command, JobKind.Video, work));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("echo hello > answer.mp4")]
    [InlineData("ln -s /etc/passwd answer.mp4")]
    [InlineData("mkdir answer.mp4")]
    [InlineData("head -c 2m /dev/zero > answer.mp4")]
    [InlineData("truncate -s 20M answer.mp4")]
    [InlineData("exit 3")]
    [InlineData("kill -9 $$")]
    public async Task A_program_that_makes_no_video_fails_and_nothing_of_it_goes_out(string script)
    {
        var (result, output) = await RunAsync(Film(script), JobKind.Video, Ask(1));
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.Empty(output.Events);
        Assert.DoesNotContain('/', result.Failure.Message);
    }

    [Fact]
    public async Task An_edit_gets_its_picture_and_its_mask()
    {
        var picture = Store(Pictures.Png(256, 256));
        var command = Draw($"test $1 = edit -a $2 = with && cmp image {picture} && cmp mask {picture} && cat {picture}", ["{task}", "{mask}"]);
        var work = Edit();
        work.Mask = ByteString.CopyFrom(Pictures.Png(256, 256));
        var (result, output) = await RunAsync(command, JobKind.Image, work);
        Assert.Null(result.Failure);
        Assert.Equal(Pictures.Png(256, 256), Bytes(output));

        work.Mask = ByteString.Empty;
        Assert.Equal((Code.InvalidRequest, false), await FailureAsync(command, JobKind.Image, work));
    }

    [Fact]
    public async Task A_program_that_fails_on_a_clients_picture_is_no_fault_of_the_nodes()
    {
        var (result, _) = await RunAsync(Draw("exit 1", []), JobKind.Image, Edit());
        Assert.Equal((Code.InvalidRequest, "image", false), (result.Failure!.Code, result.Failure.Param, result.Failure.Retryable));
        Assert.Equal((Code.Runtime, true), await FailureAsync(Draw("exit 1", []), JobKind.Image, Generate()));
    }

    [Fact]
    public async Task More_pictures_than_one_are_refused()
    {
        var work = Edit();
        work.Images.Add(work.Images[0]);
        var (result, _) = await RunAsync(Draw("true", []), JobKind.Image, work);
        Assert.Equal((Code.Unsupported, "image"), (result.Failure!.Code, result.Failure.Param));
    }

    [Theory]
    [InlineData("echo '<svg/>'")]
    [InlineData("printf 'GIF89a-------------------'")]
    [InlineData("printf x")]
    public async Task What_is_no_picture_of_the_format_does_not_go_out(string script)
    {
        var (result, output) = await RunAsync(Draw(script, []), JobKind.Image, Generate());
        Assert.Equal(Code.Runtime, result.Failure!.Code);
        Assert.Empty(output.Events);
    }

    [Fact]
    public async Task A_picture_that_comes_in_small_pieces_is_whole()
    {
        var picture = Store(Pictures.Png(256, 256));
        var (result, output) = await RunAsync(Draw($"head -c 3 {picture}; tail -c +4 {picture}", []), JobKind.Image, Generate());
        Assert.Null(result.Failure);
        Assert.Equal(Pictures.Png(256, 256), Bytes(output));
    }

    [Fact]
    public async Task A_model_offers_what_its_tasks_say()
    {
        Assert.Equal([Capability.Image, Capability.ImageEdit, Capability.ImageVariation], await OfferAsync(Draw("true", [])));
        Assert.Equal([Capability.Video], await OfferAsync(Film("true")));
        Assert.Equal([Capability.Image], await OfferAsync(Draw("true", []) with { Choices = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> { ["output_format"] = Png } }));
    }

    private static async Task<IEnumerable<string>> OfferAsync(CommandOptions command) => (await new CommandRuntime([command]).ProbeAsync(Ct)).Models.Single().Capabilities;

    private static Dictionary<string, IReadOnlyList<string>> Png => new() { ["png"] = [] };

    private static VideoRequest Ask(uint seconds) => new() { Prompt = "a boat", Seconds = seconds };

    private static ImageRequest Generate() => new() { Task = ImageRequest.Types.Task.Generate, Prompt = "a boat", Count = 1, OutputFormat = "png" };

    private static ImageRequest Edit() =>
        new() { Task = ImageRequest.Types.Task.Edit, Prompt = "a boat", Count = 1, OutputFormat = "png", Images = { ByteString.CopyFrom(Pictures.Png(256, 256)) } };

    private static CommandOptions Film(string script, params string[] arguments) => new()
    {
        Model = Name, Does = CommandTask.Video, Programs = [new CommandProgram { Run = ["sh", "-c", script, "sh", .. arguments], Stdin = "{prompt}" }],
        OutputFile = "answer.mp4", OutputMegabytes = script.Contains("2m", StringComparison.Ordinal) ? 1 : 64, DiskMegabytes = 64, MemoryMegabytes = 0,
    };

    private static CommandOptions Draw(string script, string[] arguments) => new()
    {
        Model = Name, Does = CommandTask.Image, Programs = [new CommandProgram { Run = ["sh", "-c", script, "sh", .. arguments] }],
        Choices = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>
        {
            ["output_format"] = Png,
            ["task"] = new Dictionary<string, IReadOnlyList<string>> { ["generate"] = ["generate"], ["edit"] = ["edit"], ["variation"] = ["variation"] },
            ["mask"] = new Dictionary<string, IReadOnlyList<string>> { ["none"] = ["without"], ["given"] = ["with"] },
        },
    };

    private string Store(byte[] file)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllBytes(path, file);
        return path;
    }

    private static byte[] Bytes(CollectingOutput output) => [.. output.Events.Where(e => e.Media is not null).SelectMany(e => e.Media.Data)];

    private static async Task<(Code Code, bool Retryable)> FailureAsync(CommandOptions command, JobKind kind, IMessage work)
    {
        var failure = (await RunAsync(command, kind, work)).Result.Failure!;
        return (failure.Code, failure.Retryable);
    }
}
