using System.Globalization;
using System.Text.Json;

namespace Flotilla.Engine.Templates;

/// <summary>JSON text from a request as values of a template; keys keep their order, and its texts are marked (<see cref="ForeignText"/>).</summary>
internal static class JsonValues
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = TextLimits.JsonDepthMax };

    /// <summary>The value, or null if the text is no JSON or nests too deep.</summary>
    public static Value? TryRead(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            return Of(document.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or InvalidOperationException)
        {
            // The reader's ways to say so of bad JSON and of lone surrogates, raw or escaped; what it means is the caller's matter.
            return null;
        }
    }

    // The document's own limit bounds the recursion.
    private static Value Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => OfObject(element),
        JsonValueKind.Array => new ListValue(element.EnumerateArray().Select(Of).ToArray()),
        JsonValueKind.String => Value.Of(ForeignText.Mark(element.GetString()!)),
        JsonValueKind.Number => OfNumber(element.GetRawText()),
        JsonValueKind.True => Value.True,
        JsonValueKind.False => Value.False,
        _ => Value.None,
    };

    private static MapValue OfObject(JsonElement element)
    {
        var entries = new OrderedDictionary<string, Value>(ForeignText.Comparer);
        foreach (var property in element.EnumerateObject())
        {
            entries[ForeignText.Mark(property.Name)] = Of(property.Value);
        }
        return new MapValue(entries);
    }

    private static Value OfNumber(string digits) =>
        Int128.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
            ? Value.Of(integer)
            : new FloatValue(double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture));
}
