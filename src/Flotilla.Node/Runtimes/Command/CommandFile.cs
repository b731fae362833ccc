using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>Reads command files: a JSON object with the members of <see cref="CommandOptions"/>.</summary>
public static class CommandFile
{
    /// <summary>Reads one.</summary>
    /// <param name="path">The file, of at most 256 KiB.</param>
    /// <exception cref="InvalidDataException">It is no command file; the message says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static CommandOptions Read(string path)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > NodeLimits.CommandFileBytesMax)
            throw new InvalidDataException($"{path} has {stream.Length} bytes; a command file has at most {NodeLimits.CommandFileBytesMax}.");
        try
        {
            var options = JsonSerializer.Deserialize(stream, CommandJson.Default.CommandOptions) ?? throw new InvalidDataException($"{path} holds null; it is a JSON object.");
            if (CommandOptionsValidator.Errors(options) is { Count: > 0 } errors)
                throw new InvalidDataException(string.Join(Environment.NewLine, errors.Select(e => $"{path}: {e}")));
            return options;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no command file: {e.Message}", e);
        }
    }
}

/// <summary>The JSON of command files: a misspelt member is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(CommandOptions))]
internal sealed partial class CommandJson : JsonSerializerContext;
