using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Forgiving reads of an upstream's JSON: what is missing or of another type is as if it were not there.</summary>
internal static class UpstreamJson
{
    /// <summary>Longest text in one event: in UTF-8 at most 48 KiB, a fifth of a link frame.</summary>
    public const int PieceCharsMax = 16 * 1024;

    /// <summary>A text member, or null.</summary>
    public static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>A number of things: 0 for anything that is no integer from 0 to 2³² − 1, except that too large stays too large.</summary>
    public static long Count(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return 0;
        return value.TryGetUInt32(out var count) ? count : long.MaxValue;
    }

    /// <summary>A member that counts; at most 2³² − 1.</summary>
    public static uint CountOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? (uint)Math.Min(uint.MaxValue, Count(member)) : 0;

    /// <summary>A text in pieces that fit into a frame of the link, never cut inside a character; at least one piece.</summary>
    public static IEnumerable<string> Pieces(string text)
    {
        while (text.Length > PieceCharsMax)
        {
            var piece = Cut(text, PieceCharsMax);
            yield return piece;
            text = text[piece.Length..];
        }

        yield return text;
    }

    /// <summary>The beginning of a text, never cut inside a character.</summary>
    public static string Cut(string text, int charsMax)
    {
        if (text.Length <= charsMax)
            return text;
        return char.IsHighSurrogate(text[charsMax - 1]) ? text[..(charsMax - 1)] : text[..charsMax];
    }
}
