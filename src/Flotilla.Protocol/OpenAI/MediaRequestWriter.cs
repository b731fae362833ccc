using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Writes validated requests for sound and pictures as bodies again, for an OpenAI-compatible server behind a node.</summary>
public static class MediaRequestWriter
{
    private const string PictureFormat = "png";

    /// <summary>For <c>audio/speech</c>.</summary>
    /// <param name="work">The request; its voice as the server calls it.</param>
    /// <param name="model">The model's name on that server.</param>
    public static byte[] Write(SpeechRequest work, string model) => Json(json =>
    {
        json.WriteString("model", model);
        json.WriteString("input", work.Input);
        json.WriteString("voice", work.Voice);
        if (work.Instructions.Length > 0)
            json.WriteString("instructions", work.Instructions);
        json.WriteString("response_format", work.ResponseFormat);
        if (work.Speed != 1)
            json.WriteNumber("speed", work.Speed);
    });

    /// <summary>For <c>images/generations</c>.</summary>
    /// <param name="work">The request.</param>
    /// <param name="model">The model's name on that server.</param>
    /// <param name="asksBase64">Whether to say how the pictures shall come: most servers would give addresses, and some always give base64 and refuse the field.</param>
    public static byte[] Write(ImageRequest work, string model, bool asksBase64) => Json(json =>
    {
        foreach (var (name, value, isNumber) in FieldsOf(work, model, asksBase64))
        {
            if (isNumber)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
            }
            else
            {
                json.WriteString(name, value);
            }
        }
    });

    /// <summary>For <c>images/edits</c> and <c>images/variations</c>.</summary>
    /// <inheritdoc cref="Write(ImageRequest, string, bool)" />
    public static FormBody Form(ImageRequest work, string model, bool asksBase64)
    {
        List<FormPart> parts = [.. FieldsOf(work, model, asksBase64).Select(f => Value(f.Name, f.Value))];
        // Older servers take one picture, and know no list.
        parts.AddRange(work.Images.Select(image => Picture(work.Images.Count > 1 ? "image[]" : "image", image)));
        if (!work.Mask.IsEmpty)
            parts.Add(Picture("mask", work.Mask));
        return new FormBody(parts);
    }

    /// <summary>For <c>videos</c>: a form, because OpenAI's SDKs send no other body there.</summary>
    /// <param name="work">The request.</param>
    /// <param name="model">The model's name on that server.</param>
    public static FormBody Form(VideoRequest work, string model)
    {
        List<FormPart> parts = [Value("model", model), Value("prompt", work.Prompt), Value("seconds", work.Seconds.ToString(CultureInfo.InvariantCulture))];
        if (work.Width > 0 && work.Height > 0)
            parts.Add(Value("size", PixelSize.Text(work.Width, work.Height)));
        if (!work.Image.IsEmpty)
            parts.Add(Picture(VideoFields.Reference, work.Image));
        return new FormBody(parts);
    }

    /// <summary>For <c>audio/transcriptions</c> and <c>audio/translations</c>.</summary>
    /// <param name="work">The request.</param>
    /// <param name="model">The model's name on that server.</param>
    /// <param name="verbose">Whether to ask for the times of what was said; some models have the text alone.</param>
    public static FormBody Form(TranscriptionRequest work, string model, bool verbose)
    {
        List<FormPart> parts = [Value("model", model), Value("response_format", verbose ? "verbose_json" : "json")];
        if (work.Language.Length > 0)
            parts.Add(Value("language", work.Language));
        if (work.Prompt.Length > 0)
            parts.Add(Value("prompt", work.Prompt));
        if (work.Temperature > 0)
            parts.Add(Value("temperature", Number(work.Temperature)));
        if (verbose && work.Words)
            parts.AddRange([Value("timestamp_granularities[]", "segment"), Value("timestamp_granularities[]", "word")]);
        // Servers go by the name's end, which a client may have left out or mistaken.
        var type = SoundSignature.FormatOf(work.File.Span) ?? work.FileType;
        parts.Add(type.Length > 0 ? new FormPart("file", "audio." + type, work.File.Memory, SpeechFormats.MediaTypeOf(type)) : new FormPart("file", "audio", work.File.Memory));
        return new FormBody(parts);
    }

    /// <summary>The path of a request for pictures under the server's base URL.</summary>
    public static string PathOf(ImageRequest work) => work.Task switch
    {
        ImageRequest.Types.Task.Edit => "images/edits",
        ImageRequest.Types.Task.Vary => "images/variations",
        _ => "images/generations",
    };

    /// <summary>The path of a request to write sound down under the server's base URL.</summary>
    public static string PathOf(TranscriptionRequest work) => work.Translate ? "audio/translations" : "audio/transcriptions";

    // What the client left out, or left at every server's default, is not said: each server refuses other fields.
    private static IEnumerable<(string Name, string Value, bool IsNumber)> FieldsOf(ImageRequest work, string model, bool asksBase64)
    {
        yield return ("model", model, false);
        if (work.Prompt.Length > 0)
            yield return ("prompt", work.Prompt, false);
        if (work.Count > 1)
            yield return ("n", work.Count.ToString(CultureInfo.InvariantCulture), true);
        if (work.Width > 0 && work.Height > 0)
            yield return ("size", string.Create(CultureInfo.InvariantCulture, $"{work.Width}x{work.Height}"), false);
        if (work.Quality.Length > 0)
            yield return ("quality", work.Quality, false);
        if (work.Style.Length > 0)
            yield return ("style", work.Style, false);
        if (work.Background.Length > 0)
            yield return ("background", work.Background, false);
        if (work.OutputFormat is not ("" or PictureFormat))
            yield return ("output_format", work.OutputFormat, false);
        if (work.HasStrength)
            yield return ("strength", Number(work.Strength), true);
        if (asksBase64)
            yield return ("response_format", "b64_json", false);
    }

    private static byte[] Json(Action<Utf8JsonWriter> fields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, UpstreamJson.Writing))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static FormPart Value(string name, string value) => new(name, null, Encoding.UTF8.GetBytes(value));

    private static FormPart Picture(string name, ByteString bytes)
    {
        var type = ImageHeader.Read(bytes.Span)?.MediaType;
        return type is null ? new FormPart(name, "image", bytes.Memory) : new FormPart(name, type.Replace('/', '.'), bytes.Memory, type);
    }

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
