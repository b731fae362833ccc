using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>A request to describe a picture: a chat that shows it.</summary>
internal sealed class ImageDescription(FieldReader fields) : DescriptionFields(InferenceEndpoint.ImageDescriptions, "image", fields)
{
    private readonly PartReader _parts = new(fields);
    private ContentPart? _picture;

    /// <inheritdoc />
    public override int BytesMax => OpenAiLimits.ImageBytesMax;

    /// <inheritdoc />
    protected override string Noun => "a picture";

    /// <inheritdoc />
    protected override string? Fault(ReadOnlyMemory<byte> file) => ImageHeader.Fault(file.Span, out _);

    /// <inheritdoc />
    protected override void TakeFile(ReadOnlyMemory<byte> file, string param) => TakeUrl(ImageHeader.Read(file.Span)!.Value.DataUrl(file.Span), param);

    /// <inheritdoc />
    protected override void TakeUrl(string url, string param) => _picture = _parts.Image(url, param);

    /// <inheritdoc />
    protected override IEnumerable<ContentPart> Parts(string prompt)
    {
        if (_picture!.Image.Detail.Length == 0)
            _picture.Image.Detail = Detail;
        return [_picture, new ContentPart { Text = prompt }];
    }
}
