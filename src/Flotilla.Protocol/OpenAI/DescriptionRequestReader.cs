using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the bodies of <c>POST /v1/images/description</c> and <c>POST /v1/videos/description</c>, JSON or a form: a picture or a video, and perhaps words that say what to tell of it.</summary>
/// <remarks>What it is read into is a chat of one message. How the model shall speak is said with the fields of a chat.</remarks>
public static class DescriptionRequestReader
{
    // Of a form's values these are numbers; a form itself does not tell.
    private static readonly string[] Numbers =
        ["n", "max_tokens", "seed", "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty", VideoDescription.Count];

    /// <summary>Reads and validates JSON about a picture; the bytes are not kept.</summary>
    public static ApiError? TryReadImage(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new ImageDescription(fields).Read(json), out request);

    /// <summary>Reads and validates a form about a picture.</summary>
    public static ApiError? TryReadImage(FormBody form, out TextInference? request) => TryRead(form, static fields => new ImageDescription(fields), out request);

    /// <summary>Reads and validates JSON about a video; the bytes are not kept.</summary>
    public static ApiError? TryReadVideo(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new VideoDescription(fields).Read(json), out request);

    /// <summary>Reads and validates a form about a video.</summary>
    public static ApiError? TryReadVideo(FormBody form, out TextInference? request) => TryRead(form, static fields => new VideoDescription(fields), out request);

    private static ApiError? TryRead(FormBody form, Func<FieldReader, DescriptionFields> of, out TextInference? request)
    {
        request = null;
        var fields = new FieldReader();
        var reading = of(fields);
        var parts = new FormReader(form, fields);
        var values = new ArrayBufferWriter<byte>();
        values.Write("{"u8);
        foreach (var (name, part) in parts.Parts())
        {
            if (name == reading.Subject && part.FileName is not null)
            {
                reading.Take(parts.File(part, name, reading.BytesMax), name);
                continue;
            }

            if (values.WrittenCount > 1)
                values.Write(","u8);
            values.WriteJsonString(name);
            values.Write(":"u8);
            if (reading.IsSubject(name))
                values.WriteJsonString(parts.Text(part, name, 1, OpenAiLimits.FormBytesMax));
            else
                values.Write(JsonMarshal.GetRawUtf8Value(parts.Value(part, name, isNumber: Numbers.Contains(name))));
        }

        values.Write("}"u8);
        request = fields.Error is null ? reading.Read(JsonElement.Parse(values.WrittenSpan)) : null;
        return fields.Error;
    }
}
