using System.Text.Json;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The fields that the image endpoints share, whether they come as JSON or in a form.</summary>
internal sealed class ImageFields(FieldReader fields, InferenceEndpoint endpoint)
{
    private static readonly string[] Formats = ["png", "jpeg", "webp"];

    private readonly CallerFields _caller = new(fields);
    private ProviderPreferences _provider = ProviderPreferences.None;
    private ulong? _seed;
    private string _model = "";

    /// <summary>What a node will get.</summary>
    public ImageRequest Work { get; } = new() { Count = 1, OutputFormat = Formats[0], Task = TaskOf(endpoint) };

    /// <summary>Reads one field; one that nobody knows is passed over, for there is no runtime that could.</summary>
    public void Read(string name, JsonElement value)
    {
        switch (name)
        {
            case "model": _model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            case "prompt": Work.Prompt = fields.Text(value, name, 1, OpenAiLimits.ImagePromptCharsMax); break;
            case "n": Work.Count = (uint)fields.Integer(value, name, 1, OpenAiLimits.ImagesMax); break;
            case "size": (Work.Width, Work.Height) = PixelSize.Read(fields, value, name); break;
            case "quality": Work.Quality = fields.OneOf(value, name, ["standard", "hd", "low", "medium", "high", "auto"]); break;
            case "style": Work.Style = fields.OneOf(value, name, ["vivid", "natural"]); break;
            case "background": Work.Background = fields.OneOf(value, name, ["transparent", "opaque", "auto"]); break;
            case "output_format": Work.OutputFormat = fields.OneOf(value, name, Formats); break;
            case "strength": Work.Strength = fields.Number(value, name, 0, 1); break;
            case "output_compression" when fields.Integer(value, name, 0, 100) != 100: fields.Unsupported(name); break;
            case "response_format" when fields.OneOf(value, name, ["url", "b64_json"]) == "url":
                fields.Unsupported(name, "pictures are sent as b64_json, not kept");
                break;
            case "stream" when fields.Boolean(value, name): fields.Unsupported(name); break;
            case "partial_images" when fields.Integer(value, name, 0, 3) > 0: fields.Unsupported(name); break;
            case "moderation": fields.OneOf(value, name, ["low", "auto"]); break;
            case "input_fidelity": fields.OneOf(value, name, ["low", "high"]); break;
            case "output_compression" or "response_format" or "stream" or "partial_images": break;
            case "seed": _seed = unchecked((ulong)fields.Integer(value, name, long.MinValue, long.MaxValue)); break;
            case "provider": _provider = new ProviderReader(fields).Read(value); break;
            default:
                if (!_caller.TryRead(name, value))
                    UnservedFields.TryRead(endpoint, name, value, fields);
                break;
        }
    }

    /// <summary>The request, once all is read.</summary>
    public ImageInference Complete()
    {
        if (_model.Length == 0)
            fields.Missing("model");
        if (Work.Prompt.Length == 0 && Work.Task != ImageRequest.Types.Task.Vary)
            fields.Missing("prompt");
        if (Work.Images.Count == 0 && Work.Task != ImageRequest.Types.Task.Generate)
            fields.Missing("image");
        if (ImageKind.Pixels(Work) is var pixels and > OpenAiLimits.PicturesPixelsMax)
        {
            fields.Fail(
                ApiErrorCode.InvalidValue,
                $"Invalid value for 'n': {Work.Count} pictures of {Work.Width}x{Work.Height} have {pixels} pixels; one answer has room for {OpenAiLimits.PicturesPixelsMax}. Ask for fewer or smaller ones.",
                "n");
        }

        return new ImageInference { Endpoint = endpoint, Model = _model, Work = Work, Seed = _seed, User = _caller.User, Metadata = _caller.Metadata, Provider = _provider };
    }

    private static ImageRequest.Types.Task TaskOf(InferenceEndpoint endpoint) => endpoint switch
    {
        InferenceEndpoint.ImageEdits => ImageRequest.Types.Task.Edit,
        InferenceEndpoint.ImageVariations => ImageRequest.Types.Task.Vary,
        _ => ImageRequest.Types.Task.Generate,
    };
}
