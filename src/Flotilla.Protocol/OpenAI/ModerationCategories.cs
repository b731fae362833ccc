namespace Flotilla.Protocol.OpenAI;

/// <summary>OpenAI's thirteen categories of harm, in the order of <see cref="Link.Verdict"/>'s bits and scores.</summary>
public static class ModerationCategories
{
    /// <summary>How many there are.</summary>
    public const int Count = 13;

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/intent",
        "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
    ];

    /// <summary>The bit of a name; 0 for one that is none of them.</summary>
    public static uint Bit(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Names[i] == name)
                return 1u << i;
        }

        return 0;
    }
}
