using System.Text;
using System.Text.RegularExpressions;
using Flotilla.Node.Runtimes.Command;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Testing;
using Google.Protobuf;
using static Flotilla.Node.Tests.Runtimes.Command.CommandJobs;

namespace Flotilla.Node.Tests.Runtimes.Command;

/// <summary>
/// The command files for programs that are not here, each with one in its place that takes the arguments of the real one, refuses all
/// others as it does, and writes what it writes.
/// </summary>
public sealed class StandInTests
{
    // To sd-cli, what is in angle brackets is a file of weights to load: the client's own picture.
    private const string Tricky = "--seed 7 $(boat) 'é' <lora:image:1>";

    [Theory]
    [InlineData("", false, "en", "auto [] at 0.")]
    [InlineData("de", false, "--version", "de [--version] at 0.5.")]
    [InlineData("de", true, Tricky, "de in English [--seed 7 $(boat) 'é' <lora:image:1>] at 0.5.")]
    public async Task Speech_is_written_down_with_the_options_of_whisper_cli(string language, bool translates, string prompt, string heard)
    {
        var work = new TranscriptionRequest { File = ByteString.CopyFrom(Silence()), FileType = "wav", Language = language, Translate = translates };
        if (language.Length > 0)
            (work.Prompt, work.Temperature) = (prompt, 0.5f);

        var (result, output) = await RunAsync(WithStandIn("whisper-cli"), JobKind.Transcription, work);

        Assert.Null(result.Failure);
        Assert.Equal(2u, result.Usage.PromptTokens);
        Assert.Equal([(0u, 1500u, "Good morning."), (1500u, 2000u, heard)], output.Events.Where(e => e.Segment is not null).Select(e => (e.Segment.StartMs, e.Segment.EndMs, e.Segment.Text)));
    }

    [Fact]
    public async Task Pictures_are_drawn_changed_and_varied_with_the_options_of_sd_cli()
    {
        var picture = ByteString.CopyFrom(Pictures.Png(64, 64));
        ImageRequest Ask(ImageRequest.Types.Task task) => new() { Task = task, Prompt = Tricky, Count = 1, Width = 96, Height = 64, OutputFormat = "png" };
        Assert.Equal($"{Tricky}|||0.75|96|64|1|1", await DrawnAsync(Ask(ImageRequest.Types.Task.Generate)));
        var edit = Ask(ImageRequest.Types.Task.Edit);
        edit.Images.Add(picture);
        Assert.Equal($"{Tricky}|image||0.75|96|64|1|1", await DrawnAsync(edit));
        edit.Mask = picture;
        Assert.Equal($"{Tricky}|image|mask|0.75|96|64|1|1", await DrawnAsync(edit));
        var vary = Ask(ImageRequest.Types.Task.Vary);
        (vary.Prompt, vary.Strength) = ("", 0.25f);
        vary.Images.Add(picture);
        Assert.Equal("|image||0.25|96|64|1|1", await DrawnAsync(vary));
    }

    [Theory]
    [InlineData(1u, false)]
    [InlineData(3u, true)]
    public async Task Videos_are_made_with_the_options_of_sd_cli(uint seconds, bool fromPicture)
    {
        var work = new VideoRequest { Prompt = Tricky, Seconds = seconds, Width = 96, Height = 64 };
        if (fromPicture)
            work.Image = ByteString.CopyFrom(Pictures.Png(64, 64));

        var (result, output) = await RunAsync(WithStandIn("sd-cli-video"), JobKind.Video, work);

        Assert.Null(result.Failure);
        // The models make some frames less than were asked for; the begun second counts.
        Assert.Equal(seconds, result.Usage.CompletionTokens);
        var film = Mp4Head.Of(Media(output))!.Value;
        Assert.Equal((96, 64), (film.Width, film.Height));
        Assert.Contains($"{Tricky}|{(fromPicture ? "image" : "")}||0.75|96|64|1|{16 * seconds}", Encoding.UTF8.GetString(Media(output)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whisper-cli", "--prompt=x")]
    [InlineData("whisper-cli", "--no-such-option")]
    [InlineData("sd-cli", "--prompt=x")]
    [InlineData("sd-cli", "--no-such-option")]
    [InlineData("sd-cli-video", "--prompt=x")]
    public async Task An_option_that_the_program_does_not_have_makes_nothing(string name, string option)
    {
        var command = WithStandIn(name);
        command = command with { Programs = [.. command.Programs.SkipLast(1), command.Programs[^1] with { Run = [.. command.Programs[^1].Run, option] }] };
        var (result, output) = command.Does switch
        {
            CommandTask.Transcription => await RunAsync(command, JobKind.Transcription, new TranscriptionRequest { File = ByteString.CopyFrom(Silence()), FileType = "wav" }),
            CommandTask.Image => await RunAsync(command, JobKind.Image, new ImageRequest { Task = ImageRequest.Types.Task.Generate, Prompt = "x", Count = 1, OutputFormat = "png" }),
            _ => await RunAsync(command, JobKind.Video, new VideoRequest { Prompt = "x", Seconds = 1 }),
        };
        Assert.NotNull(result.Failure);
        Assert.Empty(output.Events);
    }

    [Fact]
    public void A_clients_text_stands_alone_only_behind_an_option_that_takes_it_whatever_it_is()
    {
        var command = WithStandIn("sd-cli");
        Assert.Empty(CommandOptionsValidator.Errors(command));
        var without = command with { Programs = [command.Programs[0] with { ValuesAfter = [] }] };
        Assert.Contains("values_after", Assert.Single(CommandOptionsValidator.Errors(without)), StringComparison.Ordinal);
        var elsewhere = command with { Programs = [command.Programs[0] with { Run = [.. command.Programs[0].Run, "{prompt}"] }] };
        Assert.Contains("'{prompt}' begins with a client's text", Assert.Single(CommandOptionsValidator.Errors(elsewhere)), StringComparison.Ordinal);
    }

    /// <summary>A shipped file, with the program beside the tests where the real one would be.</summary>
    private static CommandOptions WithStandIn(string name)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ffmpeg"), "Debian's ffmpeg is needed.");
        var program = name.Replace("-video", "", StringComparison.Ordinal);
        var path = Path.Combine(AppContext.BaseDirectory, "StandIns", program);
        var command = Shipped(name);
        // By its name, or in what a shell runs.
        var called = new Regex($"^{program}(?= |$)", RegexOptions.CultureInvariant);
        return command with
        {
            Programs = [.. command.Programs.Select(p => p with { Run = [.. p.Run.Select((a, i) => i == 0 || p.Run[0] == "sh" && i == 2 ? called.Replace(a, path) : a)] })],
        };
    }

    private static async Task<string> DrawnAsync(ImageRequest work)
    {
        var (result, output) = await RunAsync(WithStandIn("sd-cli"), JobKind.Image, work);
        Assert.Null(result.Failure);
        var picture = Media(output);
        Assert.Equal(("image/png", 96, 64), Protocol.OpenAI.ImageHeader.Read(picture) is { } header ? (header.MediaType, header.Width, header.Height) : default);
        // Behind the name of a PNG's last part comes its checksum.
        return Encoding.UTF8.GetString(picture[(picture.AsSpan().LastIndexOf("IEND"u8) + 8)..]);
    }

    private static byte[] Media(CollectingOutput output) => [.. output.Events.Where(e => e.Media is not null).SelectMany(e => e.Media.Data)];

    /// <summary>A second and a half of nothing.</summary>
    private static byte[] Silence()
    {
        byte[] head = [.. "RIFF"u8, .. BitConverter.GetBytes(36 + 24_000), .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, .. BitConverter.GetBytes(8_000), .. BitConverter.GetBytes(16_000), 2, 0, 16, 0, .. "data"u8, .. BitConverter.GetBytes(24_000)];
        return [.. head, .. new byte[24_000]];
    }
}
