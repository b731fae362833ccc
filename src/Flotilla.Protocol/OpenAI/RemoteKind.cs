using System.Text.Unicode;
using Flotilla.Protocol.Jobs;

namespace Flotilla.Protocol.OpenAI;

/// <summary>What a file may be that a request names by its URL. Its bytes decide, whatever its server calls it.</summary>
public sealed class RemoteKind
{
    private readonly Func<ReadOnlyMemory<byte>, (string MediaType, string? Fault)> _look;

    private RemoteKind(string noun, string mediaType, ApiErrorCode code, Func<ReadOnlyMemory<byte>, (string MediaType, string? Fault)> look) =>
        (Noun, MediaType, Code, _look) = (noun, mediaType, code, look);

    /// <summary>A picture for a model that sees.</summary>
    public static RemoteKind Image { get; } = new("image", "image/…", ApiErrorCode.InvalidImageUrl, static bytes =>
    {
        var fault = ImageHeader.Fault(bytes.Span, out var header);
        return (header.MediaType ?? "", fault);
    });

    /// <summary>A document for a model that reads files.</summary>
    public static RemoteKind Document { get; } = new("file", "…", ApiErrorCode.InvalidFileUrl, static bytes =>
    {
        if (bytes.Span.StartsWith("%PDF-"u8))
            return ("application/pdf", null);
        return ("text/plain", bytes.Length > 0 && Utf8.IsValid(bytes.Span) && !bytes.Span.Contains((byte)0) ? null : "is neither a PDF nor a text in UTF-8");
    });

    /// <summary>A video that is to be described.</summary>
    public static RemoteKind Video { get; } = new("video", "video/mp4", ApiErrorCode.InvalidFileUrl, static bytes => ("video/mp4", Mp4Head.Fault(bytes)));

    /// <summary>For sentences.</summary>
    public string Noun { get; }

    /// <summary>The media type of a <c>data:</c> URL of such a file, as far as it is always the same.</summary>
    public string MediaType { get; }

    /// <summary>The error where it cannot be had.</summary>
    public ApiErrorCode Code { get; }

    /// <summary>The file as a <c>data:</c> URL.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence; null where nothing is.</param>
    public string DataUrl(ReadOnlyMemory<byte> bytes, out string? fault)
    {
        (var mediaType, fault) = _look(bytes);
        return fault is null ? $"data:{mediaType};base64,{Convert.ToBase64String(bytes.Span)}" : "";
    }
}
