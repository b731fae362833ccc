using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/batches</c>: OpenAI's, or with the lines in it (<c>requests</c>).</summary>
public static class BatchRequestReader
{
    private const string Window = "24h";

    /// <summary>Reads a body.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="request">What is asked for, when the answer is null.</param>
    /// <returns>What is wrong, or null.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out BatchRequest? request) =>
        JsonBody.TryRead(body, Read, out request);

    private static BatchRequest Read(FieldReader fields, JsonElement body)
    {
        string? input = null, endpoint = null, metadata = null;
        long? seconds = null;
        JsonElement? inline = null;
        var hasWindow = false;
        foreach (var property in body.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "input_file_id": input = fields.Text(value, property.Name, 1, OpenAiLimits.IdentifierCharsMax); break;
                case "endpoint": endpoint = fields.Text(value, property.Name, 1, OpenAiLimits.PathCharsMax); break;
                case "completion_window":
                    hasWindow = true;
                    if (fields.Text(value, property.Name) != Window)
                        fields.Invalid(property.Name, Window, value);
                    break;
                case "metadata": metadata = Metadata(value, fields); break;
                case "output_expires_after": seconds = Expiry(value, fields); break;
                case "requests": inline = value; break;
                default: fields.Fail(ApiErrorCode.InvalidRequest, $"Unknown parameter: a batch has no field '{(property.Name.Length <= OpenAiLimits.IdentifierCharsMax ? property.Name : "?")}'.", null); break;
            }
        }

        if (endpoint is null)
            fields.Missing("endpoint");
        if (input is null == inline is null)
            fields.Fail(ApiErrorCode.InvalidRequest, "A batch needs either 'input_file_id' or 'requests'.", "input_file_id");
        if (inline is null && !hasWindow)
            fields.Missing("completion_window");
        var lines = inline is { } items && fields.Error is null ? Lines(items, endpoint!, fields) : [];
        return new BatchRequest { InputFileId = input, Endpoint = endpoint ?? "", Metadata = metadata, OutputSeconds = seconds, Lines = lines };
    }

    private static long? Expiry(JsonElement value, FieldReader fields)
    {
        if (!fields.Is(value, JsonValueKind.Object, "output_expires_after", "an object"))
            return null;
        if (!FieldReader.TryMember(value, "anchor", out var anchor) || anchor.ValueKind != JsonValueKind.String || anchor.GetString() != "created_at")
            fields.Fail(ApiErrorCode.InvalidValue, "Invalid value for 'output_expires_after.anchor': expected created_at.", "output_expires_after.anchor");
        if (FieldReader.TryMember(value, "seconds", out var seconds))
            return fields.Integer(seconds, "output_expires_after.seconds", OpenAiLimits.FileExpirySecondsMin, OpenAiLimits.FileExpirySecondsMax);
        fields.Missing("output_expires_after.seconds");
        return null;
    }

    private static string? Metadata(JsonElement value, FieldReader fields)
    {
        if (!fields.Is(value, JsonValueKind.Object, "metadata", "an object"))
            return null;
        var count = 0;
        foreach (var entry in value.EnumerateObject())
        {
            if (++count > OpenAiLimits.MetadataMax || entry.Name.Length > OpenAiLimits.MetadataKeyCharsMax)
                fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'metadata': expected at most {OpenAiLimits.MetadataMax} entries, with keys of at most {OpenAiLimits.MetadataKeyCharsMax} characters.", "metadata");
            fields.Text(entry.Value, "metadata", 0, OpenAiLimits.MetadataValueCharsMax);
        }

        return value.GetRawText();
    }

    private static byte[] Lines(JsonElement items, string endpoint, FieldReader fields)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var (item, index) in fields.Items(items, "requests", 1, OpenAiLimits.BatchRequestsMax))
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"requests[{index}]");
            if (!fields.Is(item, JsonValueKind.Object, at, "an object"))
                return [];
            if (!FieldReader.TryMember(item, "body", out var body))
                fields.Missing(at + ".body");
            else if (fields.Is(body, JsonValueKind.Object, at + ".body", "an object"))
                Line(lines, item, body, endpoint, index);
        }

        return lines.WrittenSpan.ToArray();
    }

    private static void Line(ArrayBufferWriter<byte> lines, JsonElement item, JsonElement body, string endpoint, int index)
    {
        using (var json = new Utf8JsonWriter(lines))
        {
            json.WriteStartObject();
            // What is given is kept as it is: a batch reports each bad line by its number, wherever the line came from.
            Member(json, item, "custom_id", string.Create(CultureInfo.InvariantCulture, $"request-{index + 1}"));
            Member(json, item, "method", "POST");
            Member(json, item, "url", endpoint);
            json.WritePropertyName("body");
            body.WriteTo(json);
            json.WriteEndObject();
        }

        lines.Write("\n"u8);
    }

    private static void Member(Utf8JsonWriter json, JsonElement item, string name, string otherwise)
    {
        json.WritePropertyName(name);
        if (FieldReader.TryMember(item, name, out var given))
            given.WriteTo(json);
        else
            json.WriteStringValue(otherwise);
    }
}
