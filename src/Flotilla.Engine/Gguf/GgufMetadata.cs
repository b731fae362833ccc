namespace Flotilla.Engine.Gguf;

/// <summary>The key-value part of a header. A getter either returns what its name says or throws a <see cref="GgufException"/>.</summary>
internal sealed class GgufMetadata(IReadOnlyDictionary<string, object> entries)
{
    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>The string at a key, or null if the key is missing.</summary>
    public string? StringOrNull(string key) => Find(key) switch
    {
        null => null,
        string value => value,
        var other => throw Wrong(key, "a string", other),
    };

    public string String(string key) => StringOrNull(key) ?? throw Missing(key);

    /// <summary>The integer at a key as an unsigned 32-bit value; for keys that the format declares so.</summary>
    public uint UInt32(string key) => Integer(key) is var value and >= 0 and <= uint.MaxValue
        ? (uint)value
        : throw new GgufException(GgufError.WrongValueType, $"{key} is out of the range of an unsigned 32-bit integer.");

    /// <summary>The integer at a key, checked against its range; the fallback, if there is one, where the key is missing.</summary>
    public int Int32(string key, int min, int max, int? fallback = null)
    {
        if (!Has(key))
            return fallback ?? throw Missing(key);
        var value = Integer(key);
        if (value < min || value > max)
            throw new GgufException(GgufError.BadParameter, $"{key} is {value}; {min} to {max} are allowed.");
        return (int)value;
    }

    /// <summary>The number at a key, finite; the fallback, if there is one, where the key is missing.</summary>
    public float Single(string key, float? fallback = null) => Find(key) switch
    {
        null => fallback ?? throw Missing(key),
        double value when double.IsFinite(value) => (float)value,
        double value => throw new GgufException(GgufError.BadParameter, $"{key} is {value}; a finite number is needed."),
        var other => throw Wrong(key, "a float", other),
    };

    public bool? BooleanOrNull(string key) => Find(key) switch
    {
        null => null,
        bool value => value,
        var other => throw Wrong(key, "a Boolean", other),
    };

    public GgufStrings? StringsOrNull(string key) => Find(key) switch
    {
        null => null,
        GgufStrings value => value,
        var other => throw Wrong(key, "an array of strings", other),
    };

    public int[]? Int32sOrNull(string key) => Find(key) switch
    {
        null => null,
        GgufArray array when array.AsInt32() is { } values => values,
        var other => throw Wrong(key, "an array of 32-bit integers", other),
    };

    public float[]? SinglesOrNull(string key) => Find(key) switch
    {
        null => null,
        GgufArray array when array.AsSingle() is { } values => values,
        var other => throw Wrong(key, "an array of 32-bit floats", other),
    };

    public byte[]? BytesOrNull(string key) => Find(key) switch
    {
        null => null,
        GgufArray array when array.AsBytes() is { } values => values,
        var other => throw Wrong(key, "an array of bytes", other),
    };

    private object? Find(string key) => entries.GetValueOrDefault(key);

    private long Integer(string key) => Find(key) switch
    {
        null => throw Missing(key),
        long value => value,
        ulong value => value <= long.MaxValue ? (long)value : long.MaxValue,
        var other => throw Wrong(key, "an integer", other),
    };

    private static GgufException Missing(string key) => new(GgufError.MissingKey, $"The metadata key {key} is missing.");

    private static GgufException Wrong(string key, string wanted, object found) => new(
        GgufError.WrongValueType,
        $"{key} must be {wanted}; the file has {Describe(found)}.");

    private static string Describe(object value) => value switch
    {
        string => "a string",
        bool => "a Boolean",
        double => "a float",
        GgufStrings => "an array of strings",
        GgufArray array => $"an array of {array.Type} that does not fit",
        _ => "an integer",
    };
}
