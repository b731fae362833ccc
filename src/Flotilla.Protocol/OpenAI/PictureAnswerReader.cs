using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the pictures that an OpenAI-compatible server answers with.</summary>
public static class PictureAnswerReader
{
    /// <summary>The pictures' bytes, in order.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="count">How many pictures were asked for.</param>
    /// <exception cref="InvalidDataException">The answer is none, or does not hold them itself.</exception>
    public static IReadOnlyList<byte[]> Read(ReadOnlyMemory<byte> body, int count)
    {
        using var document = UpstreamJson.Document(body);
        var data = UpstreamJson.Member(document.RootElement, "data");
        if (data.ValueKind != JsonValueKind.Array || data.GetArrayLength() != count)
            throw new InvalidDataException($"'data' does not hold {count} pictures");
        return [.. data.EnumerateArray().Select(Picture)];
    }

    private static byte[] Picture(JsonElement item)
    {
        // What a server names is not fetched: it could be any address of the node's network.
        var text = UpstreamJson.Member(item, "b64_json");
        return text.ValueKind == JsonValueKind.String && text.TryGetBytesFromBase64(out var bytes) ? bytes : throw new InvalidDataException("a picture is not base64");
    }
}
