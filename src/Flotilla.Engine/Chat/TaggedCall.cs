using System.Buffers;

namespace Flotilla.Engine.Chat;

/// <summary>The tags of a call that is written in them: <c>&lt;function=name&gt;&lt;parameter=name&gt;value&lt;/parameter&gt;…&lt;/function&gt;</c>, each value between line ends.</summary>
internal static class TaggedCall
{
    private static readonly SearchValues<char> s_notInName = SearchValues.Create("<> \t\r\n\"");

    /// <summary>What stands before the tool's name.</summary>
    public const string Open = "<function=";

    /// <summary>What stands behind the arguments.</summary>
    public const string Close = "</function>";

    /// <summary>What stands before an argument's name.</summary>
    public const string ArgumentOpen = "<parameter=";

    /// <summary>What stands behind an argument's value.</summary>
    public const string ArgumentClose = "</parameter>";

    /// <summary>What stands behind a name.</summary>
    public const char NameEnd = '>';

    /// <summary>Whether a text can be written as the name of a tool or an argument.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= TextLimits.ToolNameCharsMax && !text.AsSpan().ContainsAny(s_notInName);
}
