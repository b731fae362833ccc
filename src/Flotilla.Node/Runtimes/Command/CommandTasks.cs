using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>What a command can do with its kind of work, by the words of its field <c>task</c>. A command without that field does the first alone.</summary>
internal static class CommandTasks
{
    /// <summary>The field.</summary>
    public const string Field = "task";

    /// <summary>Words of a transcription.</summary>
    public const string Transcribe = "transcribe", Translate = "translate";

    /// <summary>Words of a picture.</summary>
    public const string Generate = "generate", Edit = "edit", Vary = "variation";

    private static readonly Dictionary<CommandTask, (string Word, string Capability)[]> All = new()
    {
        [CommandTask.Speech] = [("speak", Capability.Speech)],
        [CommandTask.Transcription] = [(Transcribe, Capability.Transcription), (Translate, Capability.Translation)],
        [CommandTask.Image] = [(Generate, Capability.Image), (Edit, Capability.ImageEdit), (Vary, Capability.ImageVariation)],
        [CommandTask.Video] = [(Generate, Capability.Video)],
        [CommandTask.Frames] = [("take", Capability.Frames)],
    };

    /// <summary>The words that a kind of work has.</summary>
    public static IEnumerable<string> Words(CommandTask does) => All[does].Select(t => t.Word);

    /// <summary>What a command's model can do.</summary>
    public static IEnumerable<string> Capabilities(CommandOptions command) => command.Choices.TryGetValue(Field, out var words)
        ? All[command.Does].Where(t => words.ContainsKey(t.Word)).Select(t => t.Capability)
        : [All[command.Does][0].Capability];
}
