using Flotilla.Protocol.Link;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Runs jobs in local programs: a speech synthesiser, a recogniser, a maker of pictures or videos, as command files say.</summary>
public sealed class CommandRuntime : IRuntime
{
    private readonly Dictionary<string, CommandOptions> _commands;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Prepares the runtime; no program is started yet.</summary>
    /// <param name="commands">One for each model.</param>
    /// <param name="logs">Where logs go; nowhere by default.</param>
    /// <param name="time">The clock of the limits; the system's by default.</param>
    /// <exception cref="ArgumentException">A command is wrong, or two have one model; the message says how.</exception>
    public CommandRuntime(IReadOnlyList<CommandOptions> commands, ILoggerFactory? logs = null, TimeProvider? time = null)
    {
        if (commands.SelectMany(CommandOptionsValidator.Errors).ToArray() is { Length: > 0 } errors)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(commands));
        if (commands.GroupBy(c => c.Model, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"Two commands are for the model '{twice.Key}'.", nameof(commands));
        _commands = commands.ToDictionary(c => c.Model, StringComparer.Ordinal);
        _time = time ?? TimeProvider.System;
        _logger = (logs ?? NullLoggerFactory.Instance).CreateLogger("Flotilla.Node.Command");
    }

    /// <inheritdoc />
    public string Kind => "command";

    /// <inheritdoc />
    public Task<RuntimeState> ProbeAsync(CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
            return Task.FromResult(new RuntimeState([], "commands need Linux: only there can programs be held within limits"));
        var missing = _commands.Values.SelectMany(c => c.Programs).Select(p => p.Run[0]).Concat(ProgramProcess.Holders)
            .Distinct().Where(p => ProgramProcess.Find(p) is null).ToHashSet(StringComparer.Ordinal);
        var able = missing.Overlaps(ProgramProcess.Holders) ? [] : _commands.Values.Where(c => !c.Programs.Any(p => missing.Contains(p.Run[0])));
        return Task.FromResult(new RuntimeState(
            [.. able.Select(Offer)],
            missing.Count > 0 ? $"these programs are not there: {string.Join(", ", missing.Order(StringComparer.Ordinal))}" : null));
    }

    /// <inheritdoc />
    public async Task<RunResult> RunAsync(RunRequest job, IRunOutput output, CancellationToken ct)
    {
        await using var signs = new SignsOfLife(output, job.Choices, _time, ct);
        var run = new CommandRun(_commands[job.Model.Name], job, signs, _time, _logger);
        try
        {
            return job.Work switch
            {
                SpeechRequest work => await run.SpeakAsync(work, ct),
                TranscriptionRequest work => await run.TranscribeAsync(work, ct),
                ImageRequest work => await run.DrawAsync(work, ct),
                VideoRequest work => await run.FilmAsync(work, ct),
                FramesRequest work => await run.TakeFramesAsync(work, ct),
                _ => throw new NotSupportedException($"A command does no jobs of kind {job.Kind.Number}."),
            };
        }
        catch (Exception e) when (e is InvalidDataException or System.ComponentModel.Win32Exception)
        {
            NodeLog.CommandFailed(_logger, job.Model.Name, job.JobId, e.Message);
            return RunResult.Failed(CommandFailures.Missing);
        }
    }

    private static Model Offer(CommandOptions command)
    {
        var model = new Model { Name = command.Model, Runtime = "command", AdmissionSeconds = (uint)command.AdmissionSeconds };
        model.Capabilities.AddRange(CommandTasks.Capabilities(command));
        if (command.Does == CommandTask.Speech)
            model.Voices.AddRange(command.Choices[CommandFields.Voice].Keys);
        return model;
    }
}
