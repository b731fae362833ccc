using System.Globalization;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads typed values out of a body. The first fault is kept, and what follows reads as defaults.</summary>
internal sealed class FieldReader
{
    private const int ShownCharsMax = 64;
    private List<RequestNeed>? _needs;
    private List<RemoteFile>? _remoteFiles;

    /// <summary>The first fault.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>What the fields so far take for granted.</summary>
    public IReadOnlyList<RequestNeed> Needs => _needs ?? (IReadOnlyList<RequestNeed>)[];

    /// <summary>The files so far that are elsewhere.</summary>
    public IReadOnlyList<RemoteFile> RemoteFiles => _remoteFiles ?? (IReadOnlyList<RemoteFile>)[];

    /// <summary>Whether a value is there: null counts as left out.</summary>
    public static bool Given(JsonElement value) => value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    /// <summary>A member that is there and not null.</summary>
    public static bool TryMember(JsonElement value, string name, out JsonElement member) =>
        value.TryGetProperty(name, out member) && Given(member);

    /// <summary>Notes what a model must be able to do; the first field that asks for it is the one that is named.</summary>
    public void Need(string capability, string param, string? otherwise = null)
    {
        _needs ??= [];
        if (!_needs.Exists(n => n.Capability == capability))
            _needs.Add(new RequestNeed(capability, param, otherwise));
    }

    /// <summary>Notes a file that must be fetched.</summary>
    public void Fetch(string url, string param, RemoteKind kind) => (_remoteFiles ??= []).Add(new RemoteFile(url, param, kind));

    /// <summary>Keeps a fault, unless there is one already.</summary>
    public void Fail(ApiErrorCode code, string message, string? param) => Error ??= new ApiError(code, message, param);

    /// <summary>A value that is wrong whatever the reason: the message says what was expected and what came.</summary>
    public void Invalid(string param, string expected, JsonElement value) =>
        Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected {expected}, got {Shown(value)}.", param);

    /// <summary>A field of OpenAI's API that is not served, with the value that would be harmless where there is one.</summary>
    public void Unsupported(string param, string? detail = null) =>
        Fail(ApiErrorCode.UnsupportedField, $"'{param}' is part of the OpenAI API and is not served here{(detail is null ? "" : ": " + detail)}. Leave it out.", param);

    /// <summary>A field that must be there.</summary>
    public void Missing(string param) => Fail(ApiErrorCode.MissingField, $"Missing required parameter: '{param}'.", param);

    /// <summary>Whether the value has this type; keeps a fault if not.</summary>
    public bool Is(JsonElement value, JsonValueKind kind, string param, string expected)
    {
        if (value.ValueKind == kind)
            return true;
        Fail(ApiErrorCode.InvalidType, $"Invalid type for '{param}': expected {expected}, got {KindOf(value)}.", param);
        return false;
    }

    /// <summary>A number within bounds.</summary>
    public float Number(JsonElement value, string param, double min, double max)
    {
        if (!Is(value, JsonValueKind.Number, param, "a number"))
            return 0;
        // A number beyond the range of a double reads as infinity, which no bound lets through.
        if (value.TryGetDouble(out var number) && number >= min && number <= max)
            return (float)number;
        Invalid(param, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"), value);
        return 0;
    }

    /// <summary>A decimal within bounds, without the rounding of a binary number.</summary>
    public decimal Decimal(JsonElement value, string param, decimal min, decimal max)
    {
        if (!Is(value, JsonValueKind.Number, param, "a number"))
            return 0;
        if (value.TryGetDecimal(out var number) && number >= min && number <= max)
            return number;
        Invalid(param, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"), value);
        return 0;
    }

    /// <summary>An integer within bounds.</summary>
    public long Integer(JsonElement value, string param, long min, long max)
    {
        if (!Is(value, JsonValueKind.Number, param, "an integer"))
            return 0;
        if (value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        Invalid(param, $"an integer from {min} to {max}", value);
        return 0;
    }

    /// <summary>A truth value.</summary>
    public bool Boolean(JsonElement value, string param)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Is(value, JsonValueKind.True, param, "a boolean");
        return false;
    }

    /// <summary>A text of any length; the body's limit bounds it.</summary>
    public string Text(JsonElement value, string param) => Is(value, JsonValueKind.String, param, "a string") ? value.GetString()! : "";

    /// <summary>A text with bounds on its characters.</summary>
    public string Text(JsonElement value, string param, int charsMin, int charsMax)
    {
        var text = Text(value, param);
        if (Error is null && (text.Length < charsMin || text.Length > charsMax))
            Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected {charsMin} to {charsMax} characters, got {text.Length}.", param);
        return text;
    }

    /// <summary>One of several words.</summary>
    public string OneOf(JsonElement value, string param, IReadOnlyList<string> words) => OneOf(Text(value, param), param, words);

    /// <inheritdoc cref="OneOf(JsonElement, string, IReadOnlyList{string})" />
    public string OneOf(string text, string param, IReadOnlyList<string> words)
    {
        if (Error is null && !words.Contains(text))
            Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected one of {string.Join(", ", words)}.", param);
        return text;
    }

    /// <summary>The values of an array within bounds; empty after a fault.</summary>
    public IEnumerable<(JsonElement Value, int Index)> Items(JsonElement value, string param, int countMin, int countMax)
    {
        if (!Is(value, JsonValueKind.Array, param, "an array"))
            yield break;
        var count = value.GetArrayLength();
        if (count < countMin || count > countMax)
        {
            Fail(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected {countMin} to {countMax} items, got {count}.", param);
            yield break;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Error is not null)
                yield break;
            yield return (item, index++);
        }
    }

    /// <summary>What came, fit for an error message: short, and no text that could be somebody's prompt.</summary>
    private static string Shown(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                var digits = value.GetRawText();
                return digits.Length <= ShownCharsMax ? digits : digits[..ShownCharsMax] + "…";
            case JsonValueKind.String:
                var text = value.GetString()!;
                return text.Length <= ShownCharsMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
                    ? $"'{text}'"
                    : $"a string of {text.Length} characters";
            default:
                return KindOf(value);
        }
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
