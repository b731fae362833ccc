using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The top-level fields that Flotilla does not know: gathered as one JSON object for an upstream.</summary>
internal sealed class ExtraFields(FieldReader fields)
{
    private ArrayBufferWriter<byte>? _json;
    private int _count;

    /// <summary>Whether there are any.</summary>
    public bool Any => _json is not null;

    /// <summary>Writes the gathered fields into an upstream's request, save those that the request has of its own.</summary>
    /// <exception cref="JsonException">They are no JSON object.</exception>
    public static void Write(Utf8JsonWriter json, ByteString extra, IReadOnlyCollection<string> own)
    {
        if (extra.IsEmpty)
            return;
        using var document = JsonDocument.Parse(extra.Memory, new JsonDocumentOptions { MaxDepth = OpenAiLimits.JsonDepthMax });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("The extra fields of a request are no JSON object.");
        foreach (var field in document.RootElement.EnumerateObject().Where(f => !own.Contains(f.Name)))
            field.WriteTo(json);
    }

    /// <summary>Takes in a field; keeps a fault where there are too many.</summary>
    public void Add(string name, JsonElement value)
    {
        _json ??= new ArrayBufferWriter<byte>();
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (++_count > OpenAiLimits.ExtraFieldsMax || _json.WrittenCount + (long)raw.Length + Encoding.UTF8.GetByteCount(name) > OpenAiLimits.ExtraBytesMax)
        {
            fields.Fail(
                ApiErrorCode.InvalidRequest,
                $"The request holds more than {OpenAiLimits.ExtraFieldsMax} unknown fields, or more than {OpenAiLimits.ExtraBytesMax} bytes in them.",
                null);
            return;
        }

        _json.Write(_count == 1 ? "{"u8 : ","u8);
        _json.WriteJsonString(name);
        _json.Write(":"u8);
        _json.Write(raw);
    }

    /// <summary>The object, or nothing where no field came. Called once, at the end.</summary>
    public ByteString Close()
    {
        if (_json is null)
            return ByteString.Empty;
        _json.Write("}"u8);
        return ByteString.CopyFrom(_json.WrittenSpan);
    }
}
