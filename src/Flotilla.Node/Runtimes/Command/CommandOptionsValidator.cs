using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Finds all that is wrong with a command at once.</summary>
public static class CommandOptionsValidator
{
    /// <summary>One sentence per error, each naming the option, its value and what it may be; empty where all is well.</summary>
    public static IReadOnlyList<string> Errors(CommandOptions options)
    {
        var errors = new List<string>();
        if (!LinkNames.IsName(options.Model))
            errors.Add($"model is '{options.Model}'; {LinkNames.Rule}.");
        var fields = CommandFields.Of(options.Does);
        CheckChoices(options, fields, errors);
        CheckFixedWords(options, CommandTasks.Field, CommandTasks.Words(options.Does), errors);
        CheckFixedWords(options, "mask", [CommandFields.Without, CommandFields.With], errors);
        CheckFixedWords(options, "input_reference", [CommandFields.Without, CommandFields.With], errors);
        if (options.Programs.Count is 0 or > NodeLimits.CommandProgramsMax)
            errors.Add($"programs has {options.Programs.Count} entries; it has 1 to {NodeLimits.CommandProgramsMax}.");
        for (var i = 0; i < options.Programs.Count; i++)
            CheckProgram(options, i, fields, errors);
        if (options.OutputFile is { } file && (file is "" or "." or ".." || file != Path.GetFileName(file)))
            errors.Add($"output_file is '{file}'; it is the name of a file, without a folder.");
        if (options.Does == CommandTask.Video && options.OutputFile is null)
            errors.Add("output_file is not there; a video is an MP4 file, whose head is written last.");
        if (options.Does == CommandTask.Frames && options.OutputFile?.Contains(CommandOptions.NumberMark, StringComparison.Ordinal) != true)
            errors.Add($"output_file is '{options.OutputFile}'; frames are files, and {CommandOptions.NumberMark} stands for a frame's number in their names, from 1.");
        if (options.Does == CommandTask.Transcription && (options.PcmBytesPerSecond < 1 || options.Programs.Count < 2))
            errors.Add($"pcm_bytes_per_second is {options.PcmBytesPerSecond}, and programs has {options.Programs.Count} entries; a transcription has two or more, and what passes to the last one tells how long the sound is.");
        CheckRange("width", options.Width, OpenAiLimits.ImageSideMin, OpenAiLimits.ImageSideMax, errors);
        CheckRange("height", options.Height, OpenAiLimits.ImageSideMin, OpenAiLimits.ImageSideMax, errors);
        CheckRange("seconds", options.Seconds, 1, NodeLimits.CommandSecondsMax, errors);
        CheckRange("admission_seconds", options.AdmissionSeconds, 0, LinkLimits.AdmissionSecondsMax, errors);
        CheckRange("memory_mb", options.MemoryMegabytes, 0, NodeLimits.CommandMegabytesMax, errors);
        CheckRange("output_mb", options.OutputMegabytes, 1, NodeLimits.CommandMegabytesMax, errors);
        CheckRange("disk_mb", options.DiskMegabytes, 1, NodeLimits.CommandMegabytesMax, errors);
        CheckRange("processes", options.Processes, 1, NodeLimits.CommandProcessesMax, errors);
        return errors;
    }

    private static void CheckChoices(CommandOptions options, IReadOnlyDictionary<string, CommandFieldType> fields, List<string> errors)
    {
        foreach (var (field, words) in options.Choices)
        {
            if (fields.GetValueOrDefault(field) != CommandFieldType.Choice)
                errors.Add($"choices names the field '{field}'; those with choices are {Names(fields, CommandFieldType.Choice)}.");
            if (words.Count == 0)
                errors.Add($"choices.{field} has no word; it has at least one, and the first is what holds where a client says none.");
        }

        if (options.Choices.TryGetValue(CommandFields.Voice, out var voices) && (voices.Count > LinkLimits.VoicesMax || !voices.Keys.All(v => LinkNames.IsName(v))))
            errors.Add($"choices.{CommandFields.Voice} has {voices.Count} words; a model has at most {LinkLimits.VoicesMax} voices, and {LinkNames.Rule}.");
        foreach (var needed in Needed(options.Does).Where(f => !options.Choices.ContainsKey(f)))
            errors.Add($"choices has no '{needed}', which every request for {options.Does} says.");
    }

    private static void CheckFixedWords(CommandOptions options, string field, IEnumerable<string> known, List<string> errors)
    {
        foreach (var word in options.Choices.GetValueOrDefault(field)?.Keys.Except(known) ?? [])
            errors.Add($"choices.{field} has the word '{word}'; there are {string.Join(", ", known)}.");
    }

    private static string[] Needed(CommandTask task) => task switch
    {
        CommandTask.Speech => [CommandFields.Voice, "response_format"],
        CommandTask.Image => ["output_format"],
        _ => [],
    };

    private static void CheckProgram(CommandOptions options, int index, IReadOnlyDictionary<string, CommandFieldType> fields, List<string> errors)
    {
        var program = options.Programs[index];
        var where = $"programs[{index}]";
        if (program.Run.Count == 0 || program.Run[0].Length == 0 || program.Run[0].Contains('{', StringComparison.Ordinal) || program.Run[0].StartsWith('-'))
            errors.Add($"{where}.run begins with '{(program.Run.Count > 0 ? program.Run[0] : "")}'; it begins with the name or path of a program.");
        if (program.Stdin is { } stdin && (index > 0 || ArgumentTemplate.Parse(stdin).Template?.OnlyField is not { } field || fields.GetValueOrDefault(field) != CommandFieldType.Text || !fields.ContainsKey(field)))
            errors.Add($"{where}.stdin is '{stdin}'; only the first program has one, and it is a text field in braces: {Names(fields, CommandFieldType.Text)}.");
        var optionsEnded = false;
        foreach (var (before, argument) in program.Run.Zip(program.Run.Skip(1)))
        {
            optionsEnded |= argument == "--";
            var (template, error) = ArgumentTemplate.Parse(argument);
            if (error is not null)
                errors.Add($"{where}.run: '{argument}' {error}.");
            foreach (var name in template?.Fields ?? [])
                CheckField(options, where, argument, name, template!, optionsEnded || program.ValuesAfter.Contains(before), fields, errors);
        }
    }

    private static void CheckField(
        CommandOptions options, string where, string argument, string name, ArgumentTemplate template, bool isNoOption, IReadOnlyDictionary<string, CommandFieldType> fields, List<string> errors)
    {
        if (!fields.TryGetValue(name, out var type))
            errors.Add($"{where}.run: '{argument}' names the field '{name}'; there are {string.Join(", ", fields.Keys.Order(StringComparer.Ordinal))}.");
        else if (type == CommandFieldType.Choice && (template.OnlyField is null || !options.Choices.ContainsKey(name)))
            errors.Add($"{where}.run: '{argument}' names the field '{name}', whose words are in choices.{name}; it stands alone, and its choices must be given.");
        else if (type == CommandFieldType.Text && !template.BeginsLiterally && !isNoOption)
            errors.Add($"{where}.run: '{argument}' begins with a client's text, which could be taken for an option; put '--' before it, write it behind a '=', name the option before it in values_after, or use stdin.");
        else if (type != CommandFieldType.Number && argument.Contains($"{{{name}:", StringComparison.Ordinal))
            errors.Add($"{where}.run: '{argument}' calculates with the field '{name}', which is no number.");
    }

    private static void CheckRange(string name, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
            errors.Add($"{name} is {value}; it is {least} to {most}.");
    }

    private static string Names(IReadOnlyDictionary<string, CommandFieldType> fields, CommandFieldType type) =>
        string.Join(", ", fields.Where(f => f.Value == type).Select(f => f.Key).Order(StringComparer.Ordinal));
}
