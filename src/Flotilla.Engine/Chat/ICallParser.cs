namespace Flotilla.Engine.Chat;

/// <summary>Reads one call of a tool that is no object of JSON, character by character, and writes its arguments as one.</summary>
internal interface ICallParser
{
    /// <summary>The tool's name, once it has ended.</summary>
    string? Name { get; }

    /// <summary>Whether the call has ended.</summary>
    bool IsComplete { get; }

    /// <summary>Takes a character; false if no call goes on like this, and then the character is not part of it.</summary>
    bool Accept(char unit);

    /// <summary>Adds to the arguments what was held back of them, as it stands: they go on in no way that is known, or not at all.</summary>
    void GiveUp();
}
