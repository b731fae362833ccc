namespace Flotilla.Node.Runtimes.Command;

/// <summary>What a field of a request holds.</summary>
internal enum CommandFieldType
{
    /// <summary>Whatever the client wrote: never taken for an option.</summary>
    Text,

    /// <summary>A word of the command's own list.</summary>
    Choice,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A file in the working folder, under a name of ours.</summary>
    File,
}
