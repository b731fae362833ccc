using System.Buffers;
using Flotilla.Gateway.Idempotency;
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

    /// <summary>What the parts of a form in memory are; see <see cref="FormDigest"/>.</summary>
    public static async ValueTask<Result<byte[]>> DigestAsync(string? contentType, byte[] body, CancellationToken cancellation)
    {
        if (BoundaryOf(contentType) is not { } boundary)
            return NoBoundary();
        using var stream = new MemoryStream(body, writable: false);
        using var digest = new FormDigest();
        var piece = ArrayPool<byte>.Shared.Rent(GatewayLimits.CopyBufferBytes);
        try
        {
            var fault = await EachAsync(boundary, stream, TakeAsync, cancellation);
            return fault is null ? digest.Close() : fault;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        async ValueTask<long> TakeAsync(string name, string? fileName, Stream part)
        {
            digest.Begin(name, fileName);
            long length = 0;
            for (int read; (read = await part.ReadAsync(piece, cancellation)) > 0; length += read)
                digest.Add(piece.AsSpan(0, read));
            digest.End();
            return length;
        }
    }

    private static async ValueTask<Result<FormBody>> FormAsync(string boundary, Stream body, CancellationToken cancellation)
    {
        var parts = new List<FormPart>();
        return await EachAsync(boundary, body, TakeAsync, cancellation) is { } fault ? fault : new FormBody(parts);

        async ValueTask<long> TakeAsync(string name, string? fileName, Stream part)
        {
            // Grows with what arrives, not with what is announced.
            using var content = new MemoryStream();
            await part.CopyToAsync(content, cancellation);
            parts.Add(new FormPart(name, fileName, content.GetBuffer().AsMemory(0, (int)content.Length)));
            return content.Length;
        }
    }

    /// <summary>Hands on each part, by its name and its file's; whoever takes it says how long it was.</summary>
    /// <returns>Why the form is none; null where it is one.</returns>
    private static async ValueTask<ApiError?> EachAsync(string boundary, Stream body, Func<string, string?, Stream, ValueTask<long>> take, CancellationToken cancellation)
    {
        try
        {
            return await PartsAsync(boundary, body, take, cancellation);
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

    private static async ValueTask<ApiError?> PartsAsync(string boundary, Stream body, Func<string, string?, Stream, ValueTask<long>> take, CancellationToken cancellation)
    {
        var reader = new MultipartReader(boundary, body)
        {
            HeadersCountLimit = StateLimits.PartHeadersMax,
            HeadersLengthLimit = StateLimits.PartHeaderBytesMax,
            BodyLengthLimit = OpenAiLimits.FormBytesMax,
        };
        var parts = 0;
        long total = 0;
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            if (parts == OpenAiLimits.FormPartsMax)
                return new ApiError(ApiErrorCode.InvalidRequest, $"The form has more than {OpenAiLimits.FormPartsMax} parts.");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                return new ApiError(ApiErrorCode.InvalidRequest, $"Part {parts} of the form has no name; its Content-Disposition is 'form-data; name=…'.");
            var file = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
            total += await take(name, file.HasValue ? HeaderUtilities.RemoveQuotes(file).Value : null, section.Body);
            if (total > OpenAiLimits.FormBytesMax)
                return new ApiError(ApiErrorCode.BodyTooLarge, $"The form is too large; at most {OpenAiLimits.FormBytesMax} bytes are read.");
            parts++;
        }

        return null;
    }

    private static string? BoundaryOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= GatewayLimits.FormBoundaryCharsMax } boundary
            ? boundary
            : null;
}
