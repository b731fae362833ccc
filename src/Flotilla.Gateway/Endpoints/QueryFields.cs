using System.Globalization;
using Flotilla.Protocol.OpenAI;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Endpoints;

/// <summary>Reads the fields of a query; the first fault is kept.</summary>
internal sealed class QueryFields(HttpContext http)
{
    /// <summary>The first fault.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>An integer within bounds, or the default where it is not given.</summary>
    public int Integer(string name, int min, int max, int otherwise)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Error ??= new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{name}': expected an integer from {min} to {max}.", name);
        return otherwise;
    }

    /// <summary>One of some words, or the first where it is not given.</summary>
    public string Word(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text)
            return words[0];
        if (words.Contains(text))
            return text;
        Error ??= new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{name}': expected one of {string.Join(", ", words)}.", name);
        return words[0];
    }

    /// <summary>A text of at most so many characters as an id may have; null where it is not given.</summary>
    public string? Text(string name)
    {
        var values = http.Request.Query[name];
        if (values.Count == 0)
            return null;
        if (values is [{ Length: > 0 and <= IdCharsMax } value])
            return value;
        Error ??= new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{name}': expected one text of 1 to {IdCharsMax} characters.", name);
        return null;
    }

    /// <summary>Ours have at most 45; a longer one names nothing.</summary>
    private const int IdCharsMax = 64;
}
