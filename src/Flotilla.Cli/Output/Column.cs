using System.Text.Json;

namespace Flotilla.Cli.Output;

/// <summary>One column of a listing.</summary>
/// <param name="Header">Its title.</param>
/// <param name="Text">What a row of the gateway's answer shows in it.</param>
/// <param name="IsNumber">Numbers stand to the right.</param>
internal sealed record Column(string Header, Func<JsonElement, string> Text, bool IsNumber = false)
{
    /// <summary>Shows a property as it is; empty when it is missing or null.</summary>
    public static Column Of(string header, string property, bool isNumber = false) => new(header, row => Value(row, property), isNumber);

    /// <summary>Shows a time in UTC, to the second.</summary>
    public static Column Time(string header, string property) => new(header, row =>
        row.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)
            : "");

    /// <summary>A property as text.</summary>
    public static string Value(JsonElement row, string property) => row.TryGetProperty(property, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : item.GetRawText())),
            _ => value.GetRawText(),
        }
        : "";
}
