using System.Globalization;
using System.Text;

namespace Flotilla.Engine.Chat;

/// <summary>Writes strings of JSON character by character, with no more escapes than they must have.</summary>
internal static class JsonCharacters
{
    /// <summary>Appends a character as it stands inside a string.</summary>
    public static void AppendCharacter(this StringBuilder json, char unit)
    {
        if (unit < ' ')
            json.AppendCode(unit);
        else
            json.Append(unit is '"' or '\\' ? "\\" : "").Append(unit);
    }

    /// <summary>Appends the name of a member, and what stands around it.</summary>
    public static void AppendName(this StringBuilder json, string name, bool isFirst)
    {
        json.Append(isFirst ? "\"" : ", \"");
        foreach (var unit in name)
            json.AppendCharacter(unit);
        json.Append("\": ");
    }

    /// <summary>Appends a code of 16 bits as an escape.</summary>
    public static void AppendCode(this StringBuilder json, uint code) => json.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}");
}
