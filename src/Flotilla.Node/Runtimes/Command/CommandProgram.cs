using System.Text.Json.Serialization;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>One program of a command: never run through a shell.</summary>
public sealed record CommandProgram
{
    /// <summary>
    /// The program, by its name in /usr/local/bin, /usr/bin or /bin or by its path, and its arguments. <c>{field}</c> stands for
    /// a field of the request; an argument that is nothing but a field with choices becomes the arguments of the choice.
    /// </summary>
    public required IReadOnlyList<string> Run { get; init; }

    /// <summary>Options of the program that take the next argument as their value whatever it looks like, such as <c>--prompt</c>: behind one of these, a client's text may stand alone.</summary>
    [JsonPropertyName("values_after")]
    public IReadOnlyList<string> ValuesAfter { get; set; } = [];

    /// <summary>A field whose text the first program reads from its standard input, such as <c>{input}</c>; null gives it none.</summary>
    public string? Stdin { get; init; }
}
