namespace Flotilla.Node.Runtimes.Command;

/// <summary>One program of a command: never run through a shell.</summary>
public sealed record CommandProgram
{
    /// <summary>
    /// The program, by its name in /usr/local/bin, /usr/bin or /bin or by its path, and its arguments. <c>{field}</c> stands for
    /// a field of the request; an argument that is nothing but a field with choices becomes the arguments of the choice.
    /// </summary>
    public required IReadOnlyList<string> Run { get; init; }

    /// <summary>A field whose text the first program reads from its standard input, such as <c>{input}</c>; null gives it none.</summary>
    public string? Stdin { get; init; }
}
