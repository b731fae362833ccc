using System.Text.Json.Serialization;

namespace Flotilla.Node.Runtimes.Command;

// Optional members have setters, because the generated reader of JSON would set members that are only initialised to nothing.
/// <summary>One model made of local programs: what to run, with which arguments, within which bounds. The content of a command file.</summary>
public sealed record CommandOptions
{
    /// <summary>What stands for a number in the name of a file that there are several of.</summary>
    public const string NumberMark = "%d";

    /// <summary>The model's name for clients.</summary>
    public required string Model { get; init; }

    /// <summary>Which kind of job it does.</summary>
    public required CommandTask Does { get; init; }

    /// <summary>The programs, first to last: each reads what the one before writes. What the last one writes is the answer.</summary>
    public required IReadOnlyList<CommandProgram> Programs { get; init; }

    /// <summary>
    /// For a field of the request, the words that a client may say and the arguments that stand for each: field → word →
    /// arguments. The first word holds where the client says none; any other is refused.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>> Choices { get; set; } =
        new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>();

    /// <summary>How what a transcribing program writes is to be read.</summary>
    public CommandTranscript Transcript { get; set; } = CommandTranscript.Srt;

    /// <summary>Bytes of a second of the sound that the programs of a transcription pass to the last one: they are how long a file is.</summary>
    [JsonPropertyName("pcm_bytes_per_second")]
    public int PcmBytesPerSecond { get; set; }

    /// <summary>Pixels from left to right of a picture or video whose client says nothing.</summary>
    public int Width { get; set; } = 512;

    /// <summary>Pixels from top to bottom of a picture or video whose client says nothing.</summary>
    public int Height { get; set; } = 512;

    /// <summary>Name of the file in the working folder that holds the answer; null where the last program writes it to its standard output. Of frames, <see cref="NumberMark"/> in it stands for a frame's number, from 1.</summary>
    [JsonPropertyName("output_file")]
    public string? OutputFile { get; set; }

    /// <summary>Seconds that one job may take.</summary>
    public int Seconds { get; set; } = 120;

    /// <summary>Seconds that the gateway's test job may take before the model counts as broken; 0: the gateway's own 30.</summary>
    public int AdmissionSeconds { get; set; }

    /// <summary>Address space of one program in MiB; 0 is no limit, which programs on a GPU need.</summary>
    [JsonPropertyName("memory_mb")]
    public int MemoryMegabytes { get; set; } = 2048;

    /// <summary>What the answer may have, in MiB.</summary>
    [JsonPropertyName("output_mb")]
    public int OutputMegabytes { get; set; } = 64;

    /// <summary>What the working folder may hold, in MiB.</summary>
    [JsonPropertyName("disk_mb")]
    public int DiskMegabytes { get; set; } = 256;

    /// <summary>Processes that one program may be at once, itself included.</summary>
    public int Processes { get; set; } = 16;
}
