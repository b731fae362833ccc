using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the bodies of <c>POST /v1/videos/generations</c> and <c>POST /v1/videos</c>: one kind of request, in JSON or in a form.</summary>
public static class VideoRequestReader
{
    private static readonly string[] Numbers = ["duration_seconds", "seed"];

    /// <summary>Reads and validates JSON; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out VideoInference? request) =>
        JsonBody.TryRead(body, Read, out request);

    /// <summary>Reads and validates a form, which is how OpenAI's SDKs send it.</summary>
    /// <param name="form">The form.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(FormBody form, out VideoInference? request)
    {
        var fields = new FieldReader();
        var parts = new FormReader(form, fields);
        var video = new VideoFields(fields);
        foreach (var (name, part) in parts.Parts())
        {
            if (name == VideoFields.Reference)
                video.Work.Image = parts.Picture(part, name);
            else if (name.StartsWith(VideoFields.Reference + "[", StringComparison.Ordinal))
                fields.Unsupported(name, $"send the picture as the file '{VideoFields.Reference}'");
            else
                video.Read(name, parts.Value(part, name, isNumber: Numbers.Contains(name)));
        }

        var read = video.Complete();
        request = fields.Error is null ? read : null;
        return fields.Error;
    }

    /// <summary>The request as the JSON that reads as it, so that a form can be kept.</summary>
    public static byte[] Write(VideoInference request)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("model", request.Model);
            json.WriteString("prompt", request.Work.Prompt);
            json.WriteNumber("seconds", request.Work.Seconds);
            json.WriteString("size", request.Size);
            if (request.Seed is { } seed)
                json.WriteNumber("seed", unchecked((long)seed));
            if (!request.Work.Image.IsEmpty && ImageHeader.Read(request.Work.Image.Span) is { } picture)
            {
                json.WriteStartObject(VideoFields.Reference);
                json.WriteString("image_url", picture.DataUrl(request.Work.Image.Span));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return body.ToArray();
    }

    private static VideoInference? Read(FieldReader fields, JsonElement body)
    {
        var video = new VideoFields(fields);
        foreach (var property in body.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
            video.Read(property.Name, property.Value);
        return video.Complete();
    }
}
