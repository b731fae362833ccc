using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the body of <c>POST /v1/images/description</c>, JSON or a form: a picture, and perhaps words that say what to tell of it.</summary>
/// <remarks>What it is read into is a chat of one message. How the model shall speak is said with the fields of a chat.</remarks>
public static class DescriptionRequestReader
{
    private const string DefaultPrompt = "Describe this image.";

    // Of a form's values these are numbers; a form itself does not tell.
    private static readonly string[] Numbers =
        ["n", "max_tokens", "seed", "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty"];

    /// <summary>Reads and validates JSON; the bytes are not kept.</summary>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out TextInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields).Read(json), out request);

    /// <summary>Reads and validates a form.</summary>
    public static ApiError? TryReadForm(FormBody form, out TextInference? request)
    {
        request = null;
        var fields = new FieldReader();
        var reading = new Reading(fields);
        var parts = new FormReader(form, fields);
        var values = new ArrayBufferWriter<byte>();
        values.Write("{"u8);
        foreach (var (name, part) in parts.Parts())
        {
            if (name == Reading.Image && part.FileName is not null)
            {
                reading.Take(parts.File(part, name, OpenAiLimits.ImageBytesMax).Span, name);
                continue;
            }

            if (values.WrittenCount > 1)
                values.Write(","u8);
            values.WriteJsonString(name);
            values.Write(":"u8);
            if (Reading.IsPicture(name))
                values.WriteJsonString(parts.Text(part, name, 1, OpenAiLimits.FormBytesMax));
            else
                values.Write(JsonMarshal.GetRawUtf8Value(parts.Value(part, name, isNumber: Numbers.Contains(name))));
        }

        values.Write("}"u8);
        request = fields.Error is null ? reading.Read(JsonElement.Parse(values.WrittenSpan)) : null;
        return fields.Error;
    }

    private sealed class Reading
    {
        public const string Image = "image";
        private const string ImageUrl = "image_url";
        private const string Encoded = "b64_json";

        private readonly FieldReader _fields;
        private readonly CommonFields _common;
        private readonly PartReader _parts;
        private ContentPart? _picture;
        private string _prompt = DefaultPrompt;
        private string _detail = "";

        public Reading(FieldReader fields)
        {
            _fields = fields;
            _common = new CommonFields(InferenceEndpoint.ImageDescriptions, fields);
            _parts = new PartReader(fields);
        }

        public static bool IsPicture(string name) => name is Image or ImageUrl or Encoded;

        public TextInference? Read(JsonElement body)
        {
            var chat = new Chat();
            _common.Work.Chat = chat;
            _common.Read(body, TryOwn);
            if (_picture is null)
                _fields.Missing(Image);
            else if (_picture.Image is { Detail.Length: 0 } image)
                image.Detail = _detail;
            if (_fields.Error is not null)
                return null;
            chat.Messages.Add(new Message { Role = "user", Parts = { _picture, new ContentPart { Text = _prompt } } });
            return _common.Complete((int)_common.Work.Choices, PromptSize.Of(chat), echo: false);
        }

        /// <summary>A picture's bytes; whoever sent them need not know what they are.</summary>
        public void Take(ReadOnlySpan<byte> file, string param)
        {
            if (_fields.Error is not null)
                return;
            if (ImageHeader.Fault(file, out var header) is { } fault)
                _fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': what was sent {fault}.", param);
            else
                Take(_parts.Image(header.DataUrl(file), param), param);
        }

        private void Take(ContentPart picture, string param)
        {
            if (_picture is not null)
                _fields.Fail(ApiErrorCode.InvalidRequest, $"'{param}' is a second picture; one is described at a time.", param);
            _picture = picture;
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case Image: ReadPlace(_fields.Text(value, name), name); break;
                case ImageUrl when value.ValueKind != JsonValueKind.Object: ReadPlace(_fields.Text(value, name), name); break;
                case ImageUrl: ReadObject(value); break;
                case Encoded: ReadBase64(_fields.Text(value, name), name); break;
                case "prompt": _prompt = _fields.Text(value, name, 1, OpenAiLimits.ImagePromptCharsMax); break;
                case "detail": _detail = _fields.OneOf(value, name, ["auto", "low", "high"]); break;
                // Read here, because a chat has them and this endpoint has not.
                case "stream" or "stream_options": return UnservedFields.TryRead(InferenceEndpoint.ImageDescriptions, name, value, _fields);
                default: return false;
            }

            return true;
        }

        private void ReadObject(JsonElement value)
        {
            const string Param = ImageUrl + ".url";
            if (FieldReader.TryMember(value, "detail", out var detail))
                _detail = _fields.OneOf(detail, ImageUrl + ".detail", ["auto", "low", "high"]);
            if (FieldReader.TryMember(value, "url", out var url))
                ReadPlace(_fields.Text(url, Param), Param);
            else
                _fields.Missing(Param);
        }

        // No base64 has a colon, and no URL is without.
        private void ReadPlace(string text, string param)
        {
            if (text.Contains(':', StringComparison.Ordinal))
                Take(_parts.Image(text, param), param);
            else
                ReadBase64(text, param);
        }

        private void ReadBase64(string text, string param)
        {
            var bytes = new byte[text.Length / 4 * 3 + 3];
            if (_fields.Error is null && text.Length > 0 && Convert.TryFromBase64String(text, bytes, out var count))
                Take(bytes.AsSpan(0, count), param);
            else
                _fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a picture in base64{(param == Encoded ? "" : ", or a URL")}.", param);
        }
    }
}
