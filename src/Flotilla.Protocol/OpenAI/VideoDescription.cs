using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request to describe a video: a chat that shows its frames, and before it a job that takes them.</summary>
internal sealed class VideoDescription(FieldReader fields) : DescriptionFields(InferenceEndpoint.VideoDescriptions, "video", fields)
{
    /// <summary>How many frames to show.</summary>
    public const string Count = "frames";

    private const string Taker = "frames_model";

    private readonly FramesRequest _frames = new() { Count = OpenAiLimits.FramesDefault };
    private string? _taker;
    private RemoteFile? _elsewhere;

    /// <inheritdoc />
    public override int BytesMax => OpenAiLimits.VideoBytesMax;

    /// <inheritdoc />
    protected override string Noun => "a video";

    /// <inheritdoc />
    protected override string? Fault(ReadOnlyMemory<byte> file) => Jobs.Mp4Head.Fault(file);

    /// <inheritdoc />
    protected override void TakeFile(ReadOnlyMemory<byte> file, string param) => _frames.Video = UnsafeByteOperations.UnsafeWrap(file);

    /// <inheritdoc />
    protected override void TakeUrl(string url, string param)
    {
        if (RemoteFile.IsUrl(url))
            _elsewhere = new RemoteFile(url, param, RemoteKind.Video);
        else if (!PartReader.IsDataUrl(url, "video/"))
            Fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a 'data:video/…;base64,…' URL, or one that begins with https://.", param);
        else if (PartReader.BytesOf(url) is var bytes && Fault(bytes) is { } fault)
            Fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': what was sent {fault}.", param);
        else
            TakeFile(bytes, param);
    }

    /// <inheritdoc />
    protected override bool TryFurther(string name, JsonElement value)
    {
        switch (name)
        {
            case Count: _frames.Count = (uint)Fields.Integer(value, name, 1, OpenAiLimits.FramesMax); break;
            case Taker: _taker = Fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            default: return false;
        }

        return true;
    }

    /// <inheritdoc />
    protected override IEnumerable<ContentPart> Parts(string prompt)
    {
        Fields.Need(Capability.Vision, Subject);
        // The places of the frames: what they may cost is known before they are.
        return
        [
            new ContentPart { Text = "These are frames of one video, evenly spaced and in their order:" },
            .. Enumerable.Range(0, (int)_frames.Count).Select(_ => new ContentPart { Image = new Image { Detail = Detail } }),
            new ContentPart { Text = prompt },
        ];
    }

    /// <inheritdoc />
    protected override TextInference Complete(TextInference request) => request with
    {
        Frames = new FramesInference
        {
            Endpoint = request.Endpoint,
            Model = _taker ?? "",
            Work = _frames,
            RemoteFiles = _elsewhere is { } file ? [file] : [],
            // What a client would pay for tokens says nothing of frames.
            Provider = request.Provider with { PromptPriceMax = null, CompletionPriceMax = null },
        },
    };
}
