using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request body as one JSON object within the limits; whatever is read from it later cannot throw.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = OpenAiLimits.JsonDepthMax };

    /// <summary>Parses the body.</summary>
    /// <param name="body">The bytes; they must stay as they are while the document lives.</param>
    /// <param name="document">The document, when the answer is null; the caller disposes of it.</param>
    public static ApiError? TryParse(ReadOnlyMemory<byte> body, out JsonDocument document)
    {
        document = null!;
        if (Refuse(body.Span) is { } reason)
            return new ApiError(ApiErrorCode.InvalidJson, reason);
        try
        {
            document = JsonDocument.Parse(body, Options);
        }
        catch (JsonException e)
        {
            return new ApiError(ApiErrorCode.InvalidJson, Explain(e, body.Span));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return null;
        document.Dispose();
        return new ApiError(ApiErrorCode.InvalidJson, "The request body must be a JSON object.");
    }

    /// <summary>Parses the body and reads a request from it.</summary>
    /// <param name="body">The bytes; they are not kept.</param>
    /// <param name="read">Reads the object; what it finds wrong it tells the field reader.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead<T>(ReadOnlyMemory<byte> body, Func<FieldReader, JsonElement, T?> read, out T? request)
        where T : class
    {
        request = null;
        if (TryParse(body, out var document) is { } error)
            return error;
        using (document)
        {
            var fields = new FieldReader();
            var result = read(fields, document.RootElement);
            request = fields.Error is null ? result : null;
            return fields.Error;
        }
    }

    private static string? Refuse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return "The request body is empty; it must be a JSON object.";
        if (body.StartsWith("\uFEFF"u8))
            return "The request body begins with a byte order mark; JSON is sent without one.";
        if (!Utf8.IsValid(body))
            return "The request body is not valid UTF-8.";
        if (HasLoneSurrogate(body))
            return "The request body holds a \\u escape that is half of a surrogate pair.";
        if (body.Length > OpenAiLimits.UncountedBytesMax && HasTooManyValues(body))
            return $"The request body holds more than {OpenAiLimits.JsonValuesMax} JSON values.";
        return null;
    }

    // A backslash stands only inside strings in valid JSON; in anything else the parser finds the fault.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> body)
    {
        int at;
        while ((at = body.IndexOf((byte)'\\')) >= 0)
        {
            body = body[at..];
            var unit = EscapedUnit(body);
            if (unit < 0 || !char.IsSurrogate((char)unit))
            {
                body = body[Math.Min(2, body.Length)..];
                continue;
            }

            var next = EscapedUnit(body[6..]);
            if (!char.IsHighSurrogate((char)unit) || next < 0 || !char.IsLowSurrogate((char)next))
                return true;
            body = body[12..];
        }

        return false;
    }

    private static int EscapedUnit(ReadOnlySpan<byte> text)
    {
        if (text.Length < 6 || text[0] != '\\' || text[1] != 'u')
            return -1;
        return ushort.TryParse(text.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? unit : -1;
    }

    private static bool HasTooManyValues(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = OpenAiLimits.JsonDepthMax });
        var count = 0;
        try
        {
            while (reader.Read())
            {
                if (++count > OpenAiLimits.JsonValuesMax)
                    return true;
            }
        }
        catch (JsonException)
        {
            // Not this method's question: the parser says what is wrong, and where.
            return false;
        }

        return false;
    }

    private static string Explain(JsonException e, ReadOnlySpan<byte> body)
    {
        // The parser gives a place for every fault of the text, and none for a key that occurs twice.
        if (e.LineNumber is not { } line)
            return "The request body holds the same key twice in one object.";
        return IsTooDeep(body)
            ? $"The request body is nested deeper than {OpenAiLimits.JsonDepthMax} levels."
            : $"The request body is not valid JSON: line {line + 1}, byte {e.BytePositionInLine + 1}.";
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> body)
    {
        // Allowed one level more, the reader gets past the place if, and only if, the depth was the fault.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = OpenAiLimits.JsonDepthMax + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject && reader.CurrentDepth >= OpenAiLimits.JsonDepthMax)
                    return true;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }
}
