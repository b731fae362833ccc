using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Forgiving reads of an upstream's JSON: what is missing or of another type is as if it were not there. And how its own is written.</summary>
internal static class UpstreamJson
{
    /// <summary>Longest text in one event: in UTF-8 at most 48 KiB, a fifth of a link frame.</summary>
    public const int PieceCharsMax = 16 * 1024;

    /// <summary>What an upstream reads is no HTML: texts are not escaped beyond JSON's needs.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer that came whole, within the bounds of a request; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object, or beyond them.</exception>
    public static JsonDocument Document(ReadOnlyMemory<byte> body) =>
        JsonBody.TryParse(body, out var document) is null ? document : throw new InvalidDataException("its answer is no JSON object, or one of too many values");

    /// <summary>A member without which an answer is none.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : throw new InvalidDataException($"'{name}' is missing");

    /// <summary>The values of an array member; none where there is no such member.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : [];

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
