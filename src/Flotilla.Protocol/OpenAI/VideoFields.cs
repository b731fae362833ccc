using System.Globalization;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The fields of a request for a video, FlexAI's and OpenAI's, whether they come as JSON or in a form.</summary>
internal sealed class VideoFields(FieldReader fields)
{
    /// <summary>A picture that the video is made from.</summary>
    public const string Reference = "input_reference";

    private readonly CallerFields _caller = new(fields);
    private string _model = "";
    private long? _seconds;
    private long? _duration;
    private ulong? _seed;
    private ProviderPreferences _provider = ProviderPreferences.None;

    /// <summary>What a node will get.</summary>
    public VideoRequest Work { get; } = new();

    /// <summary>Reads one field; one that neither API has is passed over.</summary>
    public void Read(string name, JsonElement value)
    {
        switch (name)
        {
            case "model": _model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            case "prompt": Work.Prompt = fields.Text(value, name, 1, OpenAiLimits.ImagePromptCharsMax); break;
            case "duration_seconds": _duration = fields.Integer(value, name, 1, OpenAiLimits.VideoDurationSecondsMax); break;
            case "seconds": _seconds = Seconds(value, name); break;
            case "size": (Work.Width, Work.Height) = PixelSize.Read(fields, value, name); break;
            case "seed": _seed = unchecked((ulong)fields.Integer(value, name, long.MinValue, long.MaxValue)); break;
            case "provider": _provider = new ProviderReader(fields).Read(value); break;
            case Reference: ReadReference(value, name); break;
            default: _caller.TryRead(name, value); break;
        }
    }

    /// <summary>The request, once all is read.</summary>
    public VideoInference Complete()
    {
        if (_model.Length == 0)
            fields.Missing("model");
        if (Work.Prompt.Length == 0)
            fields.Missing("prompt");
        if (_seconds is { } seconds && _duration is { } duration && seconds != duration)
            fields.Fail(ApiErrorCode.InvalidRequest, $"'seconds' is {seconds} and 'duration_seconds' is {duration}; they mean the same, so give one of them.", "duration_seconds");
        Work.Seconds = (uint)(_seconds ?? _duration ?? OpenAiLimits.VideoSecondsDefault);
        return new VideoInference
        {
            Endpoint = InferenceEndpoint.VideoGenerations,
            Model = _model,
            Work = Work,
            Seed = _seed,
            Provider = _provider,
            User = _caller.User,
            Metadata = _caller.Metadata,
        };
    }

    /// <summary>OpenAI writes the number as a text.</summary>
    private long Seconds(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            return fields.Integer(value, name, 1, OpenAiLimits.VideoSecondsMax);
        if (int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= OpenAiLimits.VideoSecondsMax)
            return seconds;
        fields.Invalid(name, $"an integer from 1 to {OpenAiLimits.VideoSecondsMax}", value);
        return 0;
    }

    private void ReadReference(JsonElement value, string name)
    {
        if (!fields.Is(value, JsonValueKind.Object, name, "an object"))
            return;
        if (FieldReader.TryMember(value, "file_id", out _))
            fields.Unsupported($"{name}.file_id", "send the bytes as 'image_url'");
        if (FieldReader.TryMember(value, "image_url", out var url))
            ReadUrl(fields.Text(url, $"{name}.image_url"), $"{name}.image_url");
        else
            fields.Missing($"{name}.image_url");
    }

    private void ReadUrl(string url, string param)
    {
        if (fields.Error is not null)
            return;
        if (!PartReader.IsDataUrl(url, "image/"))
        {
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a 'data:image/…;base64,…' URL.", param);
            return;
        }

        var bytes = PartReader.BytesOf(url);
        if (bytes.Length > OpenAiLimits.ImageBytesMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a picture of at most {OpenAiLimits.ImageBytesMax} bytes, got {bytes.Length}.", param);
        else if (ImageHeader.Fault(bytes, out _) is { } fault)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': the picture {fault}.", param);
        Work.Image = UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
