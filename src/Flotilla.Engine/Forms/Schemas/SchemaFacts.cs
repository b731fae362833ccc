using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Flotilla.Engine.Forms.Schemas;

/// <summary>What schemas that hold together say of a value, each keyword once.</summary>
internal sealed class SchemaFacts
{
    /// <summary>Keywords that demand something which a grammar cannot, or ours does not.</summary>
    private static readonly FrozenSet<string> s_refused = FrozenSet.ToFrozenSet(
    [
        "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "patternProperties", "propertyNames", "minProperties",
        "maxProperties", "contains", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties", "multipleOf", "$dynamicRef", "$recursiveRef",
    ]);

    private static readonly FrozenDictionary<string, JsonTypes> s_types = new Dictionary<string, JsonTypes>
    {
        ["null"] = JsonTypes.Null, ["boolean"] = JsonTypes.Boolean, ["integer"] = JsonTypes.Integer, ["number"] = JsonTypes.Number,
        ["string"] = JsonTypes.String, ["array"] = JsonTypes.Array, ["object"] = JsonTypes.Object,
    }.ToFrozenDictionary();

    private JsonTypes _meant;
    private bool _statesType;

    /// <exception cref="FormException">They use what answers cannot be held to, or are no schemas.</exception>
    public SchemaFacts(IReadOnlyList<SchemaPart> parts)
    {
        Parts = parts;
        foreach (var part in parts)
        {
            if (part.Schema.ValueKind == JsonValueKind.Object)
                Read(part);
            else if (part.Schema.ValueKind == JsonValueKind.False)
                Types = JsonTypes.None;
            else if (part.Schema.ValueKind != JsonValueKind.True)
                throw part.Wrong("a schema must be an object, true or false.");
        }

        // Keywords for one type say nothing of values of others; whoever writes them alone means that type.
        if (!_statesType && _meant != JsonTypes.None)
            Types &= _meant;
    }

    public IReadOnlyList<SchemaPart> Parts { get; }

    /// <summary>The types that a value may have.</summary>
    public JsonTypes Types { get; private set; } = JsonTypes.All;

    /// <summary>The only values allowed; null where no list limits them.</summary>
    public IReadOnlyList<JsonElement>? Values { get; private set; }

    /// <summary>Names of properties that an object must have.</summary>
    public HashSet<string> Required { get; } = [];

    public int ItemsMin { get; private set; }

    public int? ItemsMax { get; private set; }

    public int LengthMin { get; private set; }

    public int? LengthMax { get; private set; }

    public string? Pattern { get; private set; }

    public string? Format { get; private set; }

    /// <summary>The least number allowed, and whether it is itself excluded.</summary>
    public (decimal Value, bool IsExcluded)? Least { get; private set; }

    /// <summary>The greatest number allowed, and whether it is itself excluded.</summary>
    public (decimal Value, bool IsExcluded)? Greatest { get; private set; }

    /// <summary>The type of a value.</summary>
    public static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.Object => JsonTypes.Object,
        _ => value.TryGetDecimal(out var number) && number == decimal.Truncate(number) ? JsonTypes.Integer : JsonTypes.Fraction,
    };

    private void Read(SchemaPart part)
    {
        foreach (var (keyword, value) in part.Schema.EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            if (s_refused.Contains(keyword) || (keyword == "uniqueItems" && value.ValueKind != JsonValueKind.False))
                throw part.Wrong($"answers cannot be held to '{keyword}'.");
            switch (keyword)
            {
                case "type": ReadTypes(part, value); break;
                case "enum": Limit(part, value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw part.Wrong("'enum' must be a list.")); break;
                case "const": Limit(part, [value]); break;
                case "required": ReadRequired(part, value); break;
                case "properties" when value.ValueKind != JsonValueKind.Object: throw part.Wrong("'properties' must be an object.");
                case "properties" or "additionalProperties": _meant |= JsonTypes.Object; break;
                case "items" or "prefixItems": _meant |= JsonTypes.Array; break;
                case "minItems": ItemsMin = Math.Max(ItemsMin, Count(part, keyword, value, JsonTypes.Array)); break;
                case "maxItems": ItemsMax = Math.Min(ItemsMax ?? int.MaxValue, Count(part, keyword, value, JsonTypes.Array)); break;
                case "minLength": LengthMin = Math.Max(LengthMin, Count(part, keyword, value, JsonTypes.String)); break;
                case "maxLength": LengthMax = Math.Min(LengthMax ?? int.MaxValue, Count(part, keyword, value, JsonTypes.String)); break;
                case "pattern": Pattern = Only(part, keyword, Pattern, value); break;
                case "format": Format = Only(part, keyword, Format, value); break;
                case "minimum": AtLeast(part, keyword, value, isExcluded: false); break;
                case "maximum": AtMost(part, keyword, value, isExcluded: false); break;
                case "exclusiveMinimum": AtLeast(part, keyword, value, isExcluded: true); break;
                case "exclusiveMaximum": AtMost(part, keyword, value, isExcluded: true); break;
            }
        }
    }

    private void ReadTypes(SchemaPart part, JsonElement value)
    {
        var types = JsonTypes.None;
        IEnumerable<JsonElement> names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        foreach (var name in names)
        {
            types |= name.ValueKind == JsonValueKind.String && s_types.TryGetValue(name.GetString()!, out var type)
                ? type
                : throw part.Wrong($"'type' must be one or several of {string.Join(", ", s_types.Keys.Order())}.");
        }

        (Types, _statesType) = (Types & types, true);
    }

    private void ReadRequired(SchemaPart part, JsonElement value)
    {
        _meant |= JsonTypes.Object;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String))
            throw part.Wrong("'required' must be a list of names.");
        Required.UnionWith(value.EnumerateArray().Select(n => n.GetString()!));
    }

    private void Limit(SchemaPart part, IReadOnlyList<JsonElement> values)
    {
        if (values.Count > TextLimits.FormCountMax)
            throw part.Wrong($"'enum' has {values.Count} values; at most {TextLimits.FormCountMax} are allowed.");
        Values = [.. values.Where(v => Values is null || Values.Any(w => JsonElement.DeepEquals(v, w)))];
        _meant |= values.Aggregate(JsonTypes.None, (types, v) => types | TypeOf(v));
    }

    private int Count(SchemaPart part, string keyword, JsonElement value, JsonTypes type)
    {
        _meant |= type;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var count) || count < 0)
            throw part.Wrong($"'{keyword}' must be a whole number that is not negative.");
        return count <= TextLimits.FormCountMax
            ? (int)count
            : throw part.Wrong($"'{keyword}' is {count}; at most {TextLimits.FormCountMax} are allowed.");
    }

    private string Only(SchemaPart part, string keyword, string? before, JsonElement value)
    {
        _meant |= JsonTypes.String;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw part.Wrong($"'{keyword}' must be a string.");
        return before is null || before == text ? text : throw part.Wrong($"answers cannot be held to two different '{keyword}' at once.");
    }

    private void AtLeast(SchemaPart part, string keyword, JsonElement value, bool isExcluded)
    {
        var number = Number(part, keyword, value);
        if (Least is not { } least || number > least.Value || (number == least.Value && isExcluded))
            Least = (number, isExcluded);
    }

    private void AtMost(SchemaPart part, string keyword, JsonElement value, bool isExcluded)
    {
        var number = Number(part, keyword, value);
        if (Greatest is not { } greatest || number < greatest.Value || (number == greatest.Value && isExcluded))
            Greatest = (number, isExcluded);
    }

    private decimal Number(SchemaPart part, string keyword, JsonElement value)
    {
        _meant |= JsonTypes.Number;
        const decimal Most = 999_999_999_999_999m;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number))
            throw part.Wrong($"'{keyword}' must be a number.");
        return Math.Abs(number) <= Most && number.Scale <= JsonRules.DigitsMax
            ? number
            : throw part.Wrong(string.Create(CultureInfo.InvariantCulture, $"'{keyword}' is {number}; at most {JsonRules.DigitsMax} digits before and after the point are allowed."));
    }
}
