using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the bodies of <c>POST /v1/images/generations</c>, <c>edits</c> and <c>variations</c>.</summary>
public static class ImageRequestReader
{
    private static readonly string[] Numbers = ["n", "strength", "output_compression", "partial_images", "seed"];

    /// <summary>Reads and validates the JSON of a generation; the bytes are not kept.</summary>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out ImageInference? request) =>
        JsonBody.TryRead(body, Read, out request);

    /// <summary>Reads and validates the form of an edit.</summary>
    public static ApiError? TryReadEdit(FormBody form, out ImageInference? request) => TryRead(form, InferenceEndpoint.ImageEdits, out request);

    /// <summary>Reads and validates the form of a variation.</summary>
    public static ApiError? TryReadVariation(FormBody form, out ImageInference? request) => TryRead(form, InferenceEndpoint.ImageVariations, out request);

    private static ApiError? TryRead(FormBody form, InferenceEndpoint endpoint, out ImageInference? request)
    {
        var fields = new FieldReader();
        var parts = new FormReader(form, fields);
        var images = new ImageFields(fields, endpoint);
        foreach (var (name, part) in parts.Parts())
        {
            if (name == "image")
                images.Work.Images.Add(parts.Picture(part, name));
            else if (name == "mask")
                images.Work.Mask = parts.Picture(part, name);
            else if (name == "stream")
                images.Read(name, JsonElement.Parse(parts.Boolean(part, name) ? "true"u8 : "false"u8));
            else
                images.Read(name, parts.Value(part, name, isNumber: Numbers.Contains(name)));
        }

        if (images.Work.Images.Count > OpenAiLimits.InputImagesMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'image': expected 1 to {OpenAiLimits.InputImagesMax} files, got {images.Work.Images.Count}.", "image");
        var read = images.Complete();
        request = fields.Error is null ? read : null;
        return fields.Error;
    }

    private static ImageInference? Read(FieldReader fields, JsonElement body)
    {
        var images = new ImageFields(fields, InferenceEndpoint.ImageGenerations);
        foreach (var property in body.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
            images.Read(property.Name, property.Value);
        return images.Complete();
    }
}
