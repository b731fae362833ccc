using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Jobs;

/// <summary>Pictures from words or from other pictures. An output unit is a picture; what it is made from costs nothing beside.</summary>
internal sealed class ImageKind() : JobKindOf<ImageRequest>(ImageRequest.Parser)
{
    /// <summary>The one there is.</summary>
    public static ImageKind Instance { get; } = new();

    /// <inheritdoc />
    public override Job.Types.Kind Number => Job.Types.Kind.Image;

    /// <inheritdoc />
    public override IReadOnlyList<string> Capabilities { get; } = [Capability.Image, Capability.ImageEdit, Capability.ImageVariation];

    /// <summary>The pixels of all pictures; 0 where the model chooses their size.</summary>
    public static long Pixels(ImageRequest request) => (long)request.Count * request.Width * request.Height;

    /// <inheritdoc />
    public override string Unit => "images";

    /// <inheritdoc />
    public override bool IsOutputPaid => true;

    /// <inheritdoc />
    internal override bool Ends(Event item) => item.BodyCase == Event.BodyOneofCase.ChoiceDone;

    /// <inheritdoc />
    internal override string? Body(Event item, JobShape shape, out int size) => MediaEvents.Body(item, this, out size);

    /// <inheritdoc />
    protected override JobFault? Check(ImageRequest request)
    {
        if (request.Count is 0 or > OpenAiLimits.ImagesMax)
            return new JobFault("n", $"n is {request.Count}; it is 1 to {OpenAiLimits.ImagesMax}.", OpenAiLimits.ImagesMax, request.Count);
        if (request.Prompt.Length > OpenAiLimits.ImagePromptCharsMax)
            return new JobFault("prompt", $"prompt has {request.Prompt.Length} characters; at most {OpenAiLimits.ImagePromptCharsMax} are possible.", OpenAiLimits.ImagePromptCharsMax, (ulong)request.Prompt.Length);
        if (request.Width > OpenAiLimits.ImageSideMax || request.Height > OpenAiLimits.ImageSideMax)
            return new JobFault("size", $"size is {request.Width}x{request.Height}; a side has at most {OpenAiLimits.ImageSideMax} pixels.", OpenAiLimits.ImageSideMax, Math.Max(request.Width, request.Height));
        if (Pixels(request) is var pixels and > OpenAiLimits.PicturesPixelsMax)
            return new JobFault("n", $"n pictures of {request.Width}x{request.Height} have {pixels} pixels; at most {OpenAiLimits.PicturesPixelsMax} are possible in all.", OpenAiLimits.PicturesPixelsMax, (ulong)pixels);
        var needsImage = request.Task != ImageRequest.Types.Task.Generate;
        if (needsImage != request.Images.Count > 0 || request.Images.Count > OpenAiLimits.InputImagesMax)
            return new JobFault("image", $"There are {request.Images.Count} images; a {request.Task} has {(needsImage ? $"1 to {OpenAiLimits.InputImagesMax}" : "none")}.");
        foreach (var image in request.Images)
        {
            if (ImageHeader.Fault(image.Span, out _) is { } fault)
                return new JobFault("image", $"image {fault}.");
        }

        return !request.Mask.IsEmpty && ImageHeader.Fault(request.Mask.Span, out _) is { } wrong ? new JobFault("mask", $"mask {wrong}.") : null;
    }

    /// <inheritdoc />
    protected override JobShape Shape(ImageRequest request) => new()
    {
        Choices = (int)request.Count,
        Inputs = 1,
        InputUnitsMax = 0,
        OutputUnitsMax = request.Count,
        OutputMax = LinkLimits.MediaBytesFree + LinkLimits.PicturesBytesMax,
    };
}
