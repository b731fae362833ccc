using System.Buffers.Text;
using System.Text.Json;
using Flotilla.Protocol.Link;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the parts of a message that are more than text. Their bytes are in the request, but for images and files, which may be elsewhere; nothing is fetched here.</summary>
internal sealed class PartReader(FieldReader fields)
{
    private int _count;

    /// <summary>An image, given as a <c>data:</c> URL, or as one that leads to it.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="param">Where it stands.</param>
    /// <param name="detail">How closely to look: auto, low, high or nothing.</param>
    public ContentPart Image(string url, string param, string detail = "")
    {
        Count(Capability.Vision, param);
        if (OpenAI.RemoteFile.IsUrl(url))
            fields.Fetch(url, param, RemoteKind.Image);
        else if (!IsDataUrl(url, "image/"))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a 'data:image/…;base64,…' URL, or one that begins with https://.", param);
        if (detail is not ("" or "auto" or "low" or "high"))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for the detail of '{param}': expected 'auto', 'low' or 'high'.", param);
        return new ContentPart { Image = new Image { Url = url, Detail = detail } };
    }

    /// <summary>A recording: an object with <c>data</c> in base64 and <c>format</c>.</summary>
    public ContentPart Audio(JsonElement value, string param)
    {
        Count(Capability.AudioInput, param);
        var audio = new Audio();
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return new ContentPart { Audio = audio };
        if (!FieldReader.TryMember(value, "data", out var data))
            fields.Missing($"{param}.data");
        else if (fields.Is(data, JsonValueKind.String, $"{param}.data", "a string") && data.TryGetBytesFromBase64(out var bytes))
            audio.Data = UnsafeByteOperations.UnsafeWrap(bytes);
        else
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}.data': expected base64.", $"{param}.data");
        if (!FieldReader.TryMember(value, "format", out var format))
            fields.Missing($"{param}.format");
        else if ((audio.Format = fields.Text(format, $"{param}.format")) is not ("wav" or "mp3"))
            fields.Invalid($"{param}.format", "'wav' or 'mp3'", format);
        return new ContentPart { Audio = audio };
    }

    /// <summary>A file: an object with <c>file_data</c> as a <c>data:</c> URL, or with <c>file_url</c>, and <c>filename</c>.</summary>
    public ContentPart File(JsonElement value, string param)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return new ContentPart { File = new Attachment() };
        if (FieldReader.TryMember(value, "file_id", out _))
            fields.Unsupported($"{param}.file_id", "send the bytes as 'file_data'");
        var name = FieldReader.TryMember(value, "filename", out var given) ? fields.Text(given, $"{param}.filename", 0, OpenAiLimits.FileNameCharsMax) : "";
        var isElsewhere = FieldReader.TryMember(value, "file_url", out var url);
        if (!FieldReader.TryMember(value, "file_data", out var data))
        {
            if (isElsewhere)
                return RemoteFile(name, fields.Text(url, $"{param}.file_url"), $"{param}.file_url");
            fields.Missing($"{param}.file_data");
            return new ContentPart { File = new Attachment() };
        }

        if (isElsewhere)
            fields.Fail(ApiErrorCode.InvalidRequest, $"'{param}' has both 'file_data' and 'file_url'; give one of them.", $"{param}.file_url");
        return File(name, fields.Text(data, $"{param}.file_data"), $"{param}.file_data");
    }

    /// <summary>A file by its name and a <c>data:</c> URL.</summary>
    public ContentPart File(string name, string url, string param)
    {
        Count(Capability.FileInput, param);
        if (!IsDataUrl(url, ""))
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a 'data:…;base64,…' URL.", param);
        return new ContentPart { File = new Attachment { Name = name, Data = url } };
    }

    /// <summary>A file by its name and the URL that leads to it.</summary>
    public ContentPart RemoteFile(string name, string url, string param)
    {
        Count(Capability.FileInput, param);
        if (OpenAI.RemoteFile.IsUrl(url))
            fields.Fetch(url, param, RemoteKind.Document);
        else
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a URL that begins with https://.", param);
        return new ContentPart { File = new Attachment { Name = name, Data = url } };
    }

    private void Count(string capability, string param)
    {
        fields.Need(capability, param);
        if (++_count > OpenAiLimits.MediaPartsMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': a request may hold at most {OpenAiLimits.MediaPartsMax} images, recordings and files.", param);
    }

    /// <summary>The bytes of a <c>data:</c> URL in base64.</summary>
    public static byte[] BytesOf(string dataUrl) => Convert.FromBase64String(dataUrl[(dataUrl.IndexOf(',', StringComparison.Ordinal) + 1)..]);

    /// <summary>Whether the text is a <c>data:</c> URL in base64, of a media type that begins so.</summary>
    public static bool IsDataUrl(string url, string mediaType)
    {
        const string Scheme = "data:";
        const string Mark = ";base64,";
        if (!url.StartsWith(Scheme + mediaType, StringComparison.OrdinalIgnoreCase))
            return false;
        var mark = url.IndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        return mark >= Scheme.Length + mediaType.Length && Base64.IsValid(url.AsSpan(mark + Mark.Length), out var bytes) && bytes > 0;
    }
}
