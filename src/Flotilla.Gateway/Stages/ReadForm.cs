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
        {
            return new ApiError(
                ApiErrorCode.InvalidRequest, $"This endpoint reads multipart/form-data with a boundary of at most {GatewayLimits.FormBoundaryCharsMax} characters; send it with that Content-Type.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = OpenAiLimits.FormBytesMax;
        try
        {
            return await PartsAsync(http, boundary);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return new ApiError(
                ApiErrorCode.InvalidRequest,
                $"The form could not be read: it breaks off, or a part has more than {StateLimits.PartHeadersMax} headers or {StateLimits.PartHeaderBytesMax} bytes of them.");
        }
    }

    private static async ValueTask<Result<FormBody>> PartsAsync(HttpContext http, string boundary)
    {
        var reader = new MultipartReader(boundary, http.Request.Body)
        {
            HeadersCountLimit = StateLimits.PartHeadersMax,
            HeadersLengthLimit = StateLimits.PartHeaderBytesMax,
            BodyLengthLimit = OpenAiLimits.FormBytesMax,
        };
        var parts = new List<FormPart>();
        long total = 0;
        while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
        {
            if (parts.Count == OpenAiLimits.FormPartsMax)
                return new ApiError(ApiErrorCode.InvalidRequest, $"The form has more than {OpenAiLimits.FormPartsMax} parts.");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                return new ApiError(ApiErrorCode.InvalidRequest, $"Part {parts.Count} of the form has no name; its Content-Disposition is 'form-data; name=…'.");
            // Grows with what arrives, not with what is announced.
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, http.RequestAborted);
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
