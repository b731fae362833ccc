namespace Flotilla.Node.Runtimes.Command;

/// <summary>The fields that arguments may name, by kind of job. They are called as in OpenAI's API.</summary>
/// <remarks>A file that a client may leave out is a choice between <see cref="Without"/> and <see cref="With"/>: it lies in the working folder under the name of <see cref="CommandRun"/>'s.</remarks>
internal static class CommandFields
{
    /// <summary>The words of a file that may be left out.</summary>
    public const string Without = "none", With = "given";

    /// <summary>The field that names a voice; what may stand there is told to clients.</summary>
    public const string Voice = "voice";

    private static readonly Dictionary<string, CommandFieldType> Speech = new()
    {
        ["input"] = CommandFieldType.Text,
        [Voice] = CommandFieldType.Choice,
        ["response_format"] = CommandFieldType.Choice,
        ["speed"] = CommandFieldType.Number,
    };

    private static readonly Dictionary<string, CommandFieldType> Transcription = new()
    {
        ["file"] = CommandFieldType.File,
        ["language"] = CommandFieldType.Choice,
        [CommandTasks.Field] = CommandFieldType.Choice,
        ["prompt"] = CommandFieldType.Text,
        ["temperature"] = CommandFieldType.Number,
    };

    private static readonly Dictionary<string, CommandFieldType> Image = new()
    {
        ["prompt"] = CommandFieldType.Text,
        ["width"] = CommandFieldType.Number,
        ["height"] = CommandFieldType.Number,
        ["seed"] = CommandFieldType.Number,
        ["output_format"] = CommandFieldType.Choice,
        [CommandTasks.Field] = CommandFieldType.Choice,
        ["image"] = CommandFieldType.File,
        ["mask"] = CommandFieldType.Choice,
        ["strength"] = CommandFieldType.Number,
    };

    private static readonly Dictionary<string, CommandFieldType> Video = new()
    {
        ["prompt"] = CommandFieldType.Text,
        ["seconds"] = CommandFieldType.Number,
        ["width"] = CommandFieldType.Number,
        ["height"] = CommandFieldType.Number,
        ["seed"] = CommandFieldType.Number,
        ["input_reference"] = CommandFieldType.Choice,
    };

    private static readonly Dictionary<string, CommandFieldType> Frames = new()
    {
        ["file"] = CommandFieldType.File,
        ["frames"] = CommandFieldType.Number,
        ["seconds"] = CommandFieldType.Number,
        ["side"] = CommandFieldType.Number,
    };

    /// <summary>The fields of one kind of job.</summary>
    public static IReadOnlyDictionary<string, CommandFieldType> Of(CommandTask task) => task switch
    {
        CommandTask.Speech => Speech,
        CommandTask.Transcription => Transcription,
        CommandTask.Image => Image,
        CommandTask.Video => Video,
        CommandTask.Frames => Frames,
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "This task has no fields."),
    };
}
