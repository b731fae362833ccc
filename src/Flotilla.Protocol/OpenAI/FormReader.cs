using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads typed values out of a form's parts, with <see cref="FieldReader"/>'s faults.</summary>
internal sealed class FormReader(FormBody form, FieldReader fields)
{
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);

    /// <summary>The parts by the name of their field, without the brackets that mark a list; an empty value counts as left out.</summary>
    public IEnumerable<(string Name, FormPart Part)> Parts()
    {
        foreach (var part in form.Parts)
        {
            var isList = part.Name.EndsWith("[]", StringComparison.Ordinal);
            var name = isList ? part.Name[..^2] : part.Name;
            if (part.FileName is null && part.Content.IsEmpty)
                continue;
            if (!isList && !_once.Add(name))
                fields.Fail(ApiErrorCode.InvalidValue, $"'{name}' is given twice; a list is named '{name}[]'.", name);
            yield return (name, part);
        }
    }

    /// <summary>A text with bounds on its characters.</summary>
    public string Text(FormPart part, string param, int charsMin, int charsMax)
    {
        if (part.FileName is not null || !Utf8.IsValid(part.Content.Span))
        {
            fields.Fail(ApiErrorCode.InvalidType, $"Invalid type for '{param}': expected text, got {(part.FileName is null ? "bytes that are no UTF-8" : "a file")}.", param);
            return "";
        }

        var text = Encoding.UTF8.GetString(part.Content.Span);
        if (text.Length < charsMin || text.Length > charsMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected {charsMin} to {charsMax} characters, got {text.Length}.", param);
        return text;
    }

    /// <summary>One of several words.</summary>
    public string OneOf(FormPart part, string param, IReadOnlyList<string> words) => fields.OneOf(Text(part, param, 1, OpenAiLimits.ModelCharsMax), param, words);

    /// <summary>A number within bounds.</summary>
    public float Number(FormPart part, string param, double min, double max)
    {
        var text = Text(part, param, 1, OpenAiLimits.FormNumberCharsMax);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return (float)number;
        fields.Fail(ApiErrorCode.InvalidValue, string.Create(CultureInfo.InvariantCulture, $"Invalid value for '{param}': expected a number from {min} to {max}."), param);
        return 0;
    }

    /// <summary>A truth value, as the SDKs write it.</summary>
    public bool Boolean(FormPart part, string param) => OneOf(part, param, ["true", "false", "True", "False"]) is "true" or "True";

    /// <summary>A value as JSON would have it, for fields that come in bodies of both kinds: a form does not tell a number from a text.</summary>
    public JsonElement Value(FormPart part, string param, bool isNumber)
    {
        var text = Text(part, param, 0, OpenAiLimits.ImagePromptCharsMax);
        var json = new ArrayBufferWriter<byte>();
        if (isNumber && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            json.Write(Encoding.UTF8.GetBytes(number.ToString("R", CultureInfo.InvariantCulture)));
        else
            json.WriteJsonString(text);
        return JsonElement.Parse(json.WrittenSpan);
    }

    /// <summary>A file that is a picture, by its own bytes.</summary>
    public ByteString Picture(FormPart part, string param)
    {
        var file = File(part, param, OpenAiLimits.ImageBytesMax);
        if (fields.Error is null && ImageHeader.Fault(file.Span, out _) is { } fault)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': the file {fault}.", param);
        return UnsafeByteOperations.UnsafeWrap(file);
    }

    /// <summary>A file that is not empty.</summary>
    public ReadOnlyMemory<byte> File(FormPart part, string param, int bytesMax)
    {
        if (part.FileName is null)
            fields.Fail(ApiErrorCode.InvalidType, $"Invalid type for '{param}': expected a file, got a value; its part needs a filename.", param);
        else if (part.Content.Length == 0 || part.Content.Length > bytesMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected a file of 1 to {bytesMax} bytes, got {part.Content.Length}.", param);
        return part.Content;
    }
}
