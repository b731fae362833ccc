namespace Flotilla.Node.Runtimes.Command;

/// <summary>The fields that arguments may name, by kind of job. They are called as in OpenAI's API.</summary>
internal static class CommandFields
{
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
        ["task"] = CommandFieldType.Choice,
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
    };

    /// <summary>The fields of one kind of job.</summary>
    public static IReadOnlyDictionary<string, CommandFieldType> Of(CommandTask task) => task switch
    {
        CommandTask.Speech => Speech,
        CommandTask.Transcription => Transcription,
        CommandTask.Image => Image,
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "This task has no fields."),
    };
}
