using Flotilla.Protocol.Link;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>One job in a command's programs.</summary>
internal sealed class CommandRun(CommandOptions options, RunRequest job, IRunOutput output, TimeProvider time, ILogger logger)
{
    /// <summary>The field that says whether a transcription is translated, and its two words.</summary>
    public const string TaskField = "task", Transcribe = "transcribe", Translate = "translate";

    private const string InputFile = "input";

    // What a WAV file has before its samples, with the tags that converters write.
    private const long SoundHeadBytesMax = 4096;

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
        await WriteAsync(folder, InputFile, work.File, ct);
        var values = new Dictionary<string, CommandValue>
        {
            ["file"] = new(InputFile),
            ["language"] = new(work.Language),
            [TaskField] = new(work.Translate ? Translate : Transcribe),
            ["prompt"] = new(work.Prompt),
            ["temperature"] = CommandValue.Of(work.Temperature),
        };
        var (call, refused) = CommandCall.Build(
            options, values, Given(("language", work.Language.Length > 0), (TaskField, work.Translate), ("prompt", work.Prompt.Length > 0), ("temperature", work.Temperature > 0)));
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
        for (uint i = 0; i < work.Count; i++)
        {
            using var folder = new WorkFolder(logger);
            var values = new Dictionary<string, CommandValue>
            {
                ["prompt"] = new(work.Prompt),
                ["width"] = CommandValue.Of(work.Width > 0 ? work.Width : options.Width),
                ["height"] = CommandValue.Of(work.Height > 0 ? work.Height : options.Height),
                // Programs read it as an int.
                ["seed"] = CommandValue.Of((job.Seed + i) % int.MaxValue),
                ["output_format"] = new(work.OutputFormat),
            };
            var (call, refused) = CommandCall.Build(
                options, values,
                Given(("width", work.Width > 0), ("height", work.Height > 0), ("output_format", true), ("quality", work.Quality is not ("" or "auto" or "standard")),
                    ("style", work.Style.Length > 0), ("background", work.Background is not ("" or "auto" or "opaque"))));
            if (refused is not null)
                return RunResult.Failed(refused);
            if (await RunAsync(call!, folder, new MediaWriter(output, i).WriteAsync, ct) is { } failure)
                return RunResult.Failed(failure);
            await output.EmitAsync(Done(i, units: 1), ct);
        }

        return RunResult.Completed(new Usage { CompletionTokens = work.Count });
    }

    /// <summary>Runs the programs and hands over what they make.</summary>
    /// <returns>Why it failed, or null.</returns>
    private async Task<RunFailure?> RunAsync(
        CommandCall call, WorkFolder folder, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct, Action<ProgramChain>? ended = null)
    {
        using var chain = new ProgramChain(options, folder, time)
        {
            PassedMax = options.Does == CommandTask.Transcription ? (job.Shape.InputUnitsMax * options.PcmBytesPerSecond) + SoundHeadBytesMax : long.MaxValue,
        };
        var end = await chain.RunAsync(call.Runs, call.Input, options.OutputFile is null ? take : static (_, _) => ValueTask.CompletedTask, ct);
        ended?.Invoke(chain);
        if (end != ProgramEnd.Completed)
        {
            NodeLog.CommandFailed(logger, options.Model, job.JobId, end == ProgramEnd.Failed ? $"program {chain.FailedProgram} ended with {chain.ExitCode}" : end.ToString());
            if (end == ProgramEnd.TooLong)
                return CommandFailures.TooLong(job.Shape.InputUnitsMax);
            // What comes before the last program makes a client's file fit for it.
            var isInput = end == ProgramEnd.Failed && options.Does == CommandTask.Transcription && chain.FailedProgram < options.Programs.Count - 1;
            return isInput ? CommandFailures.Unreadable : CommandFailures.Of(end, options);
        }

        if (options.OutputFile is { } name)
            return await TakeFileAsync(folder.PathOf(name), take, ct);
        return chain.Written > 0 || options.Does == CommandTask.Transcription ? null : CommandFailures.Empty;
    }

    private async Task<RunFailure?> TakeFileAsync(string path, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
    {
        var file = new FileInfo(path);
        // A link would lead to files that are not the job's.
        if (!file.Exists || file.Length == 0 || file.LinkTarget is not null)
            return CommandFailures.Empty;
        if (file.Length > options.OutputMegabytes * 1024L * 1024)
            return CommandFailures.Of(ProgramEnd.TooMuchOutput, options);
        await using var stream = file.OpenRead();
        var buffer = new byte[NodeLimits.CommandPipeBytes];
        for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0;)
            await take(buffer.AsMemory(0, read), ct);
        return null;
    }

    private static async Task WriteAsync(WorkFolder folder, string name, ByteString bytes, CancellationToken ct) =>
        await File.WriteAllBytesAsync(folder.PathOf(name), bytes.Memory, ct);

    private static IEnumerable<string> Given(params (string Field, bool IsGiven)[] fields) => fields.Where(f => f.IsGiven).Select(f => f.Field);

    private static Event Done(uint choice, uint units = 0) =>
        new() { Choice = choice, TokenCount = units, ChoiceDone = new ChoiceDone { Finish = ChoiceDone.Types.Finish.Stop } };
}
