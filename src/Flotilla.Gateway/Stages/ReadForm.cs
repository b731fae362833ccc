using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Flotilla.Gateway.Stages;

/// <summary>A multipart body becomes parts in memory, within limits that hold while it arrives. A client's file names are never paths.</summary>
internal static class ReadForm
{
    /// <summary>Reads the form of a request.</summary>
    public static async ValueTask<Result<FormBody>> FormAsync(HttpContext http)
    {
        if (BoundaryOf(http.Request.ContentType) is not { } boundary)
            return NoBoundary();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = OpenAiLimits.FormBytesMax;
        return await FormAsync(boundary, http.Request.Body, http.RequestAborted);
    }

    /// <summary>Reads a form that is in memory.</summary>
    public static async ValueTask<Result<FormBody>> FormAsync(string? contentType, byte[] body, CancellationToken cancellation)
    {
        if (BoundaryOf(contentType) is not { } boundary)
            return NoBoundary();
        using var stream = new MemoryStream(body, writable: false);
        return await FormAsync(boundary, stream, cancellation);
    }

    private static async ValueTask<Result<FormBody>> FormAsync(string boundary, Stream body, CancellationToken cancellation)
    {
        try
        {
            return await PartsAsync(boundary, body, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return new ApiError(
                ApiErrorCode.InvalidRequest,
                $"The form could not be read: it breaks off, or a part has more than {StateLimits.PartHeadersMax} headers or {StateLimits.PartHeaderBytesMax} bytes of them.");
        }
    }

    private static ApiError NoBoundary() => new(
        ApiErrorCode.InvalidRequest, $"This endpoint reads multipart/form-data with a boundary of at most {GatewayLimits.FormBoundaryCharsMax} characters; send it with that Content-Type.");

    private static async ValueTask<Result<FormBody>> PartsAsync(string boundary, Stream body, CancellationToken cancellation)
    {
        var reader = new MultipartReader(boundary, body)
        {
            HeadersCountLimit = StateLimits.PartHeadersMax,
            HeadersLengthLimit = StateLimits.PartHeaderBytesMax,
            BodyLengthLimit = OpenAiLimits.FormBytesMax,
        };
        var parts = new List<FormPart>();
        long total = 0;
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (parts.Count == OpenAiLimits.FormPartsMax)
                return new ApiError(ApiErrorCode.InvalidRequest, $"The form has more than {OpenAiLimits.FormPartsMax} parts.");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                return new ApiError(ApiErrorCode.InvalidRequest, $"Part {parts.Count} of the form has no name; its Content-Disposition is 'form-data; name=…'.");
            // Grows with what arrives, not with what is announced.
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, cancellation);
            total += content.Length;
            if (total > OpenAiLimits.FormBytesMax)
                return new ApiError(ApiErrorCode.BodyTooLarge, $"The form is too large; at most {OpenAiLimits.FormBytesMax} bytes are read.");
            var file = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
            parts.Add(new FormPart(name, file.HasValue ? HeaderUtilities.RemoveQuotes(file).Value : null, content.GetBuffer().AsMemory(0, (int)content.Length)));
        }

        return new FormBody(parts);
    }

    private static string? BoundaryOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= GatewayLimits.FormBoundaryCharsMax } boundary
            ? boundary
            : null;
}
