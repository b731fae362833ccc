using System.Text.Json;
using Flotilla.Gateway.Deferred;

namespace Flotilla.Gateway.Batches;

/// <summary>One request of a batch.</summary>
/// <param name="Number">Its line in the file, from 1.</param>
/// <param name="CustomId">The client's name for it; null where it has none that can be read.</param>
/// <param name="Body">What is posted.</param>
/// <param name="Model">The model that the body names.</param>
/// <param name="Fault">Why it can't be run; null where it can.</param>
internal sealed record BatchLine(int Number, string? CustomId, ReadOnlyMemory<byte> Body, string? Model, BatchFault? Fault)
{
    /// <summary>Reads a line.</summary>
    /// <param name="text">The line as it stands in the file.</param>
    /// <param name="endpoint">Where the batch's lines go.</param>
    public static BatchLine Read(BatchText text, string endpoint)
    {
        if (text.Bytes is not { } bytes)
            return Bad(text.Number, null, "line_too_long", $"The line is longer than {GatewayLimits.BodyBytesMax} bytes.", null);
        string? customId = null, method = null, url = null;
        Range? body = null;
        try
        {
            var reader = new Utf8JsonReader(bytes);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return Bad(text.Number, null, "invalid_json_line", "The line is no JSON object.", null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isText = reader.TokenType == JsonTokenType.String;
                switch (name)
                {
                    case "custom_id" when isText: customId = reader.GetString(); break;
                    case "method" when isText: method = reader.GetString(); break;
                    case "url" when isText: url = reader.GetString(); break;
                    case "body" when reader.TokenType == JsonTokenType.StartObject:
                        reader.Skip();
                        body = start..(int)reader.BytesConsumed;
                        break;
                    default: reader.Skip(); break;
                }
            }

            // What stands behind the object is no JSON line either.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Bad(text.Number, customId, "invalid_json_line", "The line is not valid JSON.", null);
        }

        return Checked(text, customId, method, url, body, endpoint);
    }

    private static BatchLine Checked(BatchText text, string? customId, string? method, string? url, Range? body, string endpoint)
    {
        if (customId is not { Length: > 0 and <= GatewayLimits.CustomIdCharsMax })
            return Bad(text.Number, null, "missing_required_parameter", $"'custom_id' must be a text of 1 to {GatewayLimits.CustomIdCharsMax} characters.", "custom_id");
        if (method != "POST")
            return Bad(text.Number, customId, "invalid_method", "'method' must be POST.", "method");
        if (url != endpoint)
            return Bad(text.Number, customId, "mismatched_url", $"'url' must be the batch's endpoint, {endpoint}.", "url");
        if (body is not { } at)
            return Bad(text.Number, customId, "missing_required_parameter", "'body' must be an object.", "body");
        var posted = text.Bytes.AsMemory(at);
        var glance = BodyGlance.At(posted.Span);
        return glance.Streams
            ? Bad(text.Number, customId, "invalid_value", "A request of a batch can't be streamed; leave 'stream' out.", "body.stream")
            : new BatchLine(text.Number, customId, posted, glance.Model, null);
    }

    private static BatchLine Bad(int number, string? customId, string code, string message, string? param) =>
        new(number, customId, default, null, new BatchFault(code, message, param, number));
}
