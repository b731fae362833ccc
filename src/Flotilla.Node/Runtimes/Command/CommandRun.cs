using System.Globalization;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>One job in a command's programs.</summary>
internal sealed class CommandRun(CommandOptions options, RunRequest job, IRunOutput output, TimeProvider time, ILogger logger)
{
    private const string InputFile = "input";

    // What a WAV file has before its samples, with the tags that converters write.
    private const long SoundHeadBytesMax = 4096;

    // Names that command files may say, as well as {image}.
    private const string PictureFile = "image", MaskFile = "mask";

    // How far a variation goes where its client does not say: what makers of pictures commonly assume.
    private const double StrengthDefault = 0.75;

    // The field of the client's that holds a file, which programs may stumble over.
    private string? _fileField;

    /// <summary>Speaks a text.</summary>
    public async Task<RunResult> SpeakAsync(SpeechRequest work, CancellationToken ct)
    {
        var values = new Dictionary<string, CommandValue>
        {
            ["input"] = new(work.Input),
            [CommandFields.Voice] = new(work.Voice),
            ["response_format"] = new(work.ResponseFormat),
            ["speed"] = CommandValue.Of(work.Speed),
        };
        var (call, refused) = CommandCall.Build(options, values, Given(("speed", work.Speed != 1), ("instructions", work.Instructions.Length > 0)));
        if (refused is not null)
            return RunResult.Failed(refused);
        var characters = (uint)job.Shape.InputUnitsMax;
        await output.EmitAsync(new Event { PromptReady = new PromptReady { PromptTokens = characters } }, ct);
        using var folder = new WorkFolder(logger);
        if (await RunAsync(call!, folder, new MediaWriter(output, 0).WriteAsync, ct) is { } failure)
            return RunResult.Failed(failure);
        await output.EmitAsync(Done(0), ct);
        return RunResult.Completed(new Usage { PromptTokens = characters });
    }

    /// <summary>Writes down what a file says.</summary>
    public async Task<RunResult> TranscribeAsync(TranscriptionRequest work, CancellationToken ct)
    {
        using var folder = new WorkFolder(logger);
        await WriteAsync(folder, InputFile, work.File, "file", ct);
        var values = new Dictionary<string, CommandValue>
        {
            ["file"] = new(InputFile),
            ["language"] = new(work.Language),
            [CommandTasks.Field] = new(work.Translate ? CommandTasks.Translate : CommandTasks.Transcribe),
            ["prompt"] = new(work.Prompt),
            ["temperature"] = CommandValue.Of(work.Temperature),
        };
        var (call, refused) = CommandCall.Build(
            options, values, Given(("language", work.Language.Length > 0), (CommandTasks.Field, work.Translate), ("prompt", work.Prompt.Length > 0), ("temperature", work.Temperature > 0)));
        if (refused is not null)
            return RunResult.Failed(refused);
        var transcript = TranscriptReader.Of(options.Transcript);
        var lines = new LineReader(NodeLimits.TranscriptLineBytesMax);
        long seconds = 0;
        var failure = await RunAsync(
            call!, folder,
            async (piece, token) =>
            {
                foreach (var segment in lines.Read(piece.Span).Select(transcript.Read).OfType<Segment>())
                    await output.EmitAsync(new Event { Segment = segment }, token);
            },
            ct, chain => seconds = (chain.Passed + options.PcmBytesPerSecond - 1) / options.PcmBytesPerSecond);
        if (failure is not null)
            return RunResult.Failed(failure);
        if (transcript.End(lines.End()) is { } last)
            await output.EmitAsync(new Event { Segment = last }, ct);
        await output.EmitAsync(Done(0), ct);
        return RunResult.Completed(new Usage { PromptTokens = (uint)Math.Min(seconds, job.Shape.InputUnitsMax) });
    }

    /// <summary>Draws pictures, one after the other.</summary>
    public async Task<RunResult> DrawAsync(ImageRequest work, CancellationToken ct)
    {
        if (work.Images.Count > 1)
            return RunResult.Failed(new RunFailure(Failed.Types.Code.Unsupported, $"The model '{options.Model}' takes one picture, and {work.Images.Count} came.", Retryable: false) { Param = "image" });
        for (uint i = 0; i < work.Count; i++)
        {
            using var folder = new WorkFolder(logger);
            if (work.Images.Count > 0)
                await WriteAsync(folder, PictureFile, work.Images[0], "image", ct);
            if (!work.Mask.IsEmpty)
                await WriteAsync(folder, MaskFile, work.Mask, "mask", ct);
            var (call, refused) = Drawing(work, i);
            if (refused is not null)
                return RunResult.Failed(refused);
            var picture = new PictureWriter(new MediaWriter(output, i), work.OutputFormat);
            if (await RunAsync(call!, folder, picture.WriteAsync, ct) is { } failure)
                return RunResult.Failed(failure);
            if (!picture.IsRight)
                return RunResult.Failed(CommandFailures.Strange);
            await output.EmitAsync(Done(i, units: 1), ct);
        }

        return RunResult.Completed(new Usage { CompletionTokens = work.Count });
    }

    /// <summary>Makes a video.</summary>
    public async Task<RunResult> FilmAsync(VideoRequest work, CancellationToken ct)
    {
        using var folder = new WorkFolder(logger);
        if (!work.Image.IsEmpty)
            await WriteAsync(folder, PictureFile, work.Image, "input_reference", ct);
        var values = new Dictionary<string, CommandValue>
        {
            ["prompt"] = new(work.Prompt),
            ["seconds"] = CommandValue.Of(work.Seconds),
            ["width"] = CommandValue.Of(work.Width > 0 ? work.Width : options.Width),
            ["height"] = CommandValue.Of(work.Height > 0 ? work.Height : options.Height),
            ["seed"] = SeedOf(job.Seed),
            ["input_reference"] = FileGiven(work.Image),
        };
        var (call, refused) = CommandCall.Build(options, values, Given(("width", work.Width > 0), ("height", work.Height > 0), ("input_reference", !work.Image.IsEmpty)));
        if (refused is not null)
            return RunResult.Failed(refused);
        uint seconds = 0;
        var failure = await RunAsync(call!, folder, new MediaWriter(output, 0).WriteAsync, ct, isRight: file =>
        {
            // More than was asked for is not paid, and less is not charged.
            seconds = (uint)Math.Min(Mp4File.Seconds(file) ?? 0, work.Seconds);
            return seconds > 0;
        });
        if (failure is not null)
            return RunResult.Failed(failure);
        await output.EmitAsync(Done(0, units: seconds), ct);
        return RunResult.Completed(new Usage { CompletionTokens = seconds });
    }

    /// <summary>Takes frames of a video.</summary>
    public async Task<RunResult> TakeFramesAsync(FramesRequest work, CancellationToken ct)
    {
        using var folder = new WorkFolder(logger);
        await WriteAsync(folder, InputFile, work.Video, "video", ct);
        var values = new Dictionary<string, CommandValue>
        {
            ["file"] = new(InputFile),
            ["frames"] = CommandValue.Of(work.Count),
            // As the file's head says, and whoever checked the request has seen that it says it.
            ["seconds"] = CommandValue.Of(Mp4Head.Of(work.Video.Memory)!.Value.Seconds),
            ["side"] = CommandValue.Of(OpenAiLimits.FrameSideMax),
        };
        var (call, refused) = CommandCall.Build(options, values, []);
        if (refused is not null)
            return RunResult.Failed(refused);
        if (await EndAsync(call!, folder, static (_, _) => ValueTask.CompletedTask, ct) is { } failure)
            return RunResult.Failed(failure);
        uint taken = 0;
        for (uint i = 0; i < work.Count; i++)
        {
            var picture = new PictureWriter(new MediaWriter(output, i), "jpeg");
            var path = folder.PathOf(options.OutputFile!.Replace(CommandOptions.NumberMark, (i + 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            // Of a short video there are fewer; a gap would be another one's place.
            var isThere = taken == i && File.Exists(path);
            if (isThere && (await TakeFileAsync(path, LinkLimits.VideoFrameBytesMax, picture.WriteAsync, isRight: null, ct) ?? (picture.IsRight ? null : CommandFailures.Strange)) is { } wrong)
                return RunResult.Failed(wrong);
            taken += isThere ? 1u : 0;
            await output.EmitAsync(Done(i, units: isThere ? 1u : 0), ct);
        }

        return taken > 0 ? RunResult.Completed(new Usage { CompletionTokens = taken }) : RunResult.Failed(CommandFailures.Unreadable("video"));
    }

    private (CommandCall? Call, RunFailure? Failure) Drawing(ImageRequest work, uint index)
    {
        var isVariation = work.Task == ImageRequest.Types.Task.Vary;
        var values = new Dictionary<string, CommandValue>
        {
            ["prompt"] = new(work.Prompt),
            ["width"] = CommandValue.Of(work.Width > 0 ? work.Width : options.Width),
            ["height"] = CommandValue.Of(work.Height > 0 ? work.Height : options.Height),
            ["seed"] = SeedOf(job.Seed + index),
            ["output_format"] = new(work.OutputFormat),
            [CommandTasks.Field] = new(isVariation ? CommandTasks.Vary : work.Task == ImageRequest.Types.Task.Edit ? CommandTasks.Edit : CommandTasks.Generate),
            ["image"] = new(PictureFile),
            ["mask"] = FileGiven(work.Mask),
            ["strength"] = CommandValue.Of(work.HasStrength ? work.Strength : StrengthDefault),
        };
        return CommandCall.Build(
            options, values,
            Given(("width", work.Width > 0), ("height", work.Height > 0), ("output_format", true), ("quality", work.Quality is not ("" or "auto" or "standard")),
                ("style", work.Style.Length > 0), ("background", work.Background is not ("" or "auto" or "opaque")),
                (CommandTasks.Field, work.Task != ImageRequest.Types.Task.Generate), ("mask", !work.Mask.IsEmpty), ("strength", work.HasStrength), ("prompt", isVariation && work.Prompt.Length > 0)));
    }

    /// <summary>Runs the programs and hands over what they make.</summary>
    /// <param name="call">Their arguments.</param>
    /// <param name="folder">Where they work.</param>
    /// <param name="take">Takes what they make, piece by piece.</param>
    /// <param name="ct">Ends them.</param>
    /// <param name="ended">Sees the programs when they have ended.</param>
    /// <param name="isRight">Looks at a whole file before it is handed over.</param>
    /// <returns>Why it failed, or null.</returns>
    private async Task<RunFailure?> RunAsync(
        CommandCall call, WorkFolder folder, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct, Action<ProgramChain>? ended = null, Func<Stream, bool>? isRight = null)
    {
        long written = 0;
        var failure = await EndAsync(call, folder, options.OutputFile is null ? take : static (_, _) => ValueTask.CompletedTask, ct, chain =>
        {
            written = chain.Written;
            ended?.Invoke(chain);
        });
        if (failure is not null)
            return failure;
        if (options.OutputFile is { } name)
            return await TakeFileAsync(folder.PathOf(name), options.Does == CommandTask.Transcription ? long.MaxValue : job.Shape.OutputMax, take, isRight, ct);
        return written > 0 || options.Does == CommandTask.Transcription ? null : CommandFailures.Empty;
    }

    /// <summary>Runs the programs to their end.</summary>
    /// <param name="call">Their arguments.</param>
    /// <param name="folder">Where they work.</param>
    /// <param name="take">Takes what the last one writes, piece by piece.</param>
    /// <param name="ct">Ends them.</param>
    /// <param name="ended">Sees the programs when they have ended.</param>
    /// <returns>Why it failed, or null.</returns>
    private async Task<RunFailure?> EndAsync(
        CommandCall call, WorkFolder folder, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct, Action<ProgramChain>? ended = null)
    {
        using var chain = new ProgramChain(options, folder, time)
        {
            PassedMax = options.Does == CommandTask.Transcription ? (job.Shape.InputUnitsMax * options.PcmBytesPerSecond) + SoundHeadBytesMax : long.MaxValue,
        };
        var end = await chain.RunAsync(call.Runs, call.Input, take, ct);
        ended?.Invoke(chain);
        if (end == ProgramEnd.Completed)
            return null;
        NodeLog.CommandFailed(logger, options.Model, job.JobId, end == ProgramEnd.Failed ? $"program {chain.FailedProgram} ended with {chain.ExitCode}" : end.ToString());
        if (end == ProgramEnd.TooLong)
            return CommandFailures.TooLong(job.Shape.InputUnitsMax);
        // What comes before the last program of a transcription makes the file fit for it. A picture may be at fault whichever program
        // fails: else a client could make every node look broken with a picture that is.
        var isInput = end == ProgramEnd.Failed && _fileField is not null && (options.Does != CommandTask.Transcription || chain.FailedProgram < options.Programs.Count - 1);
        return isInput ? CommandFailures.Unreadable(_fileField!) : CommandFailures.Of(end, options);
    }

    private async Task<RunFailure?> TakeFileAsync(string path, long bytesMax, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, Func<Stream, bool>? isRight, CancellationToken ct)
    {
        var file = new FileInfo(path);
        // A link would lead to files that are not the job's.
        if (!file.Exists || file.Length == 0 || file.LinkTarget is not null)
            return CommandFailures.Empty;
        if (file.Length > options.OutputMegabytes * 1024L * 1024)
            return CommandFailures.Of(ProgramEnd.TooMuchOutput, options);
        if (file.Length > bytesMax)
            return CommandFailures.TooLarge(bytesMax);
        await using var stream = file.OpenRead();
        if (isRight?.Invoke(stream) == false)
            return CommandFailures.Strange;
        stream.Position = 0;
        var buffer = new byte[NodeLimits.CommandPipeBytes];
        for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0;)
            await take(buffer.AsMemory(0, read), ct);
        return null;
    }

    private async Task WriteAsync(WorkFolder folder, string name, ByteString bytes, string field, CancellationToken ct)
    {
        _fileField ??= field;
        await File.WriteAllBytesAsync(folder.PathOf(name), bytes.Memory, ct);
    }

    // Programs read it as an int.
    private static CommandValue SeedOf(ulong seed) => CommandValue.Of(seed % int.MaxValue);

    private static CommandValue FileGiven(ByteString file) => new(file.IsEmpty ? CommandFields.Without : CommandFields.With);

    private static IEnumerable<string> Given(params (string Field, bool IsGiven)[] fields) => fields.Where(f => f.IsGiven).Select(f => f.Field);

    private static Event Done(uint choice, uint units = 0) =>
        new() { Choice = choice, TokenCount = units, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };
}
