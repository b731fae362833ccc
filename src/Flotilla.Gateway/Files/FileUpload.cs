using System.Buffers;
using System.Globalization;
using System.Text;
using Flotilla.Core;
using Flotilla.Gateway.Idempotency;
using Flotilla.Gateway.State;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Flotilla.Gateway.Files;

/// <summary>Reads one multipart upload, the file straight to the disk. What its client says is checked when all parts are in, because they come in any order.</summary>
internal sealed class FileUpload(FileTable files, string id, NamespaceId owner, DateTimeOffset now)
{
    private const string Batch = "batch";
    private static readonly string[] Purposes = ["assistants", Batch, "fine-tune", "vision", "user_data", "evals"];
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private string? _filename;
    private long _bytes;

    /// <summary>What the parts were, once all are read; see <see cref="FormDigest"/>.</summary>
    public byte[] Digest { get; private set; } = [];

    /// <summary>Stores the bytes of the upload, which its row does not name yet; on an error nothing stays.</summary>
    public async Task<Result<FileRow>> ReadAsync(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= GatewayLimits.FormBoundaryCharsMax } boundary)
            return new ApiError(ApiErrorCode.InvalidRequest, $"Send the file as multipart/form-data, with a boundary of at most {GatewayLimits.FormBoundaryCharsMax} characters.");
        var reader = new MultipartReader(boundary, http.Request.Body) { HeadersCountLimit = StateLimits.PartHeadersMax, HeadersLengthLimit = StateLimits.PartHeaderBytesMax };
        Result<FileRow> result;
        try
        {
            result = await PartsAsync(reader, http.RequestAborted) is { } error ? error : Row();
        }
        catch (InvalidDataException)
        {
            result = new ApiError(ApiErrorCode.InvalidRequest, "The multipart body is broken: a part's headers are too long or its end is missing.");
        }
        catch
        {
            files.Blobs.Delete(id);
            throw;
        }

        if (result.Failed(out _, out _))
            files.Blobs.Delete(id);
        return result;
    }

    private async Task<ApiError?> PartsAsync(MultipartReader reader, CancellationToken cancellation)
    {
        var parts = 0;
        using var digest = new FormDigest();
        while (await FromClientAsync(new ValueTask<MultipartSection?>(reader.ReadNextSectionAsync(cancellation))) is { } part)
        {
            if (++parts > StateLimits.PartsMax)
                return new ApiError(ApiErrorCode.InvalidRequest, $"The upload has more than {StateLimits.PartsMax} parts.");
            if (part.GetContentDispositionHeader() is not { } disposition || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                return new ApiError(ApiErrorCode.InvalidRequest, "A part of the upload has no name.");
            var fileName = NameOf(disposition);
            digest.Begin(name, fileName);
            var error = name == "file" ? await FileAsync(part, fileName, digest, cancellation) : await FieldAsync(part, name, digest, cancellation);
            if (error is not null)
                return error;
            digest.End();
        }

        Digest = digest.Close();
        return null;
    }

    private static string? NameOf(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
        return name.HasValue ? name.Value : null;
    }

    private async Task<ApiError?> FileAsync(MultipartSection part, string? fileName, FormDigest digest, CancellationToken cancellation)
    {
        if (_filename is not null)
            return new ApiError(ApiErrorCode.InvalidValue, "'file' is given twice; send one file in one upload.", "file");
        _filename = Shown(fileName ?? "");
        var left = files.BytesLeft(owner);
        var buffer = ArrayPool<byte>.Shared.Rent(GatewayLimits.CopyBufferBytes);
        try
        {
            await using var file = files.Blobs.Create(id);
            int read;
            while ((read = await FromClientAsync(part.Body.ReadAsync(buffer, cancellation))) > 0)
            {
                _bytes += read;
                if (_bytes > StateLimits.FileBytesMax)
                    return new ApiError(ApiErrorCode.BodyTooLarge, $"The file is too large; at most {StateLimits.FileBytesMax} bytes are kept.", "file");
                if (_bytes > left)
                    return QuotaUsed();
                digest.Add(buffer.AsSpan(0, read));
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            await files.Blobs.FinishAsync(id, file);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a piece of the body; what fails here is the body's fault, and what fails elsewhere is our disk's.</summary>
    private static async ValueTask<T> FromClientAsync<T>(ValueTask<T> read)
    {
        try
        {
            return await read;
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            throw new InvalidDataException(broken.Message, broken);
        }
    }

    private async Task<ApiError?> FieldAsync(MultipartSection part, string name, FormDigest digest, CancellationToken cancellation)
    {
        using var reader = new StreamReader(part.Body);
        var text = new char[StateLimits.FieldCharsMax + 1];
        var length = await FromClientAsync(reader.ReadBlockAsync(text, cancellation));
        if (length > StateLimits.FieldCharsMax)
            return new ApiError(ApiErrorCode.InvalidValue, $"A field of the upload is longer than {StateLimits.FieldCharsMax} characters.");
        digest.Add(Encoding.UTF8.GetBytes(text, 0, length));
        return _fields.TryAdd(name, new string(text, 0, length)) ? null : new ApiError(ApiErrorCode.InvalidValue, "A field of the upload is given twice.");
    }

    private Result<FileRow> Row()
    {
        if (_filename is null)
            return new ApiError(ApiErrorCode.MissingField, "Missing required parameter: 'file'.", "file");
        if (!_fields.TryGetValue("purpose", out var purpose))
            return new ApiError(ApiErrorCode.MissingField, "Missing required parameter: 'purpose'.", "purpose");
        if (!Purposes.Contains(purpose))
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for 'purpose': expected one of {string.Join(", ", Purposes)}.", "purpose");
        if (purpose == Batch && _bytes > StateLimits.BatchFileBytesMax)
            return new ApiError(ApiErrorCode.BodyTooLarge, $"The file is too large for a batch: it has {_bytes} bytes, the limit is {StateLimits.BatchFileBytesMax}.", "file");
        if (Expires(purpose).Failed(out var error, out var expires))
            return error;
        return new FileRow
        {
            Id = id,
            NamespaceId = owner.Value,
            Filename = _filename,
            Purpose = purpose,
            Bytes = _bytes,
            CreatedMs = now.ToUnixTimeMilliseconds(),
            ExpiresMs = expires.Ms,
        };
    }

    private Result<Expiry> Expires(string purpose)
    {
        var hasSeconds = _fields.TryGetValue("expires_after[seconds]", out var text);
        if (!hasSeconds && !_fields.ContainsKey("expires_after[anchor]"))
            return new Expiry(purpose == Batch ? (now + StateLimits.BatchFilesKept).ToUnixTimeMilliseconds() : null);
        if (_fields.GetValueOrDefault("expires_after[anchor]") != "created_at")
            return new ApiError(ApiErrorCode.InvalidValue, "Invalid value for 'expires_after[anchor]': expected created_at.", "expires_after[anchor]");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= OpenAiLimits.FileExpirySecondsMin && seconds <= OpenAiLimits.FileExpirySecondsMax
            ? new Expiry((now + TimeSpan.FromSeconds(seconds)).ToUnixTimeMilliseconds())
            : new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for 'expires_after[seconds]': expected {OpenAiLimits.FileExpirySecondsMin} to {OpenAiLimits.FileExpirySecondsMax}.", "expires_after[seconds]");
    }

    /// <summary>The namespace keeps as much as it may.</summary>
    public static ApiError QuotaUsed() => new(
        ApiErrorCode.BodyTooLarge, $"Your namespace has no room for this file: it may keep {StateLimits.FilesPerNamespaceMax} files and as many bytes as the gateway allows (setting stored_mebibytes). Delete some (DELETE /v1/files/{{id}}).", "file");

    private static string Shown(string name)
    {
        var text = string.Concat(name.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)));
        return text.Length <= StateLimits.FilenameCharsMax ? text : text[..StateLimits.FilenameCharsMax];
    }

    private sealed record Expiry(long? Ms);
}
