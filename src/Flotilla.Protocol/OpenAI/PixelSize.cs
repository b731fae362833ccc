using System.Globalization;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The <c>size</c> of a picture or a video: <c>auto</c>, or <c>WIDTHxHEIGHT</c>.</summary>
internal static class PixelSize
{
    /// <summary>What leaves the size to the model.</summary>
    public const string Auto = "auto";

    /// <summary>Reads the field.</summary>
    /// <returns>Width and height; both 0 for <c>auto</c>.</returns>
    public static (uint Width, uint Height) Read(FieldReader fields, JsonElement value, string param)
    {
        var text = fields.Text(value, param);
        if (fields.Error is not null || text == Auto)
            return default;
        var sides = text.Split('x');
        if (sides.Length == 2 && TrySide(sides[0], out var width) && TrySide(sides[1], out var height))
            return (width, height);
        fields.Fail(
            ApiErrorCode.InvalidValue,
            $"Invalid value for '{param}': expected {Auto} or WIDTHxHEIGHT, each {OpenAiLimits.ImageSideMin} to {OpenAiLimits.ImageSideMax} and divisible by {OpenAiLimits.ImageSideStep}.", param);
        return default;
    }

    /// <summary>The text that reads as these.</summary>
    public static string Text(uint width, uint height) => width == 0 ? Auto : string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");

    private static bool TrySide(string text, out uint side) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side)
        && side is >= OpenAiLimits.ImageSideMin and <= OpenAiLimits.ImageSideMax && side % OpenAiLimits.ImageSideStep == 0;
}
