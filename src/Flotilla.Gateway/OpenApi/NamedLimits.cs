using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Nodes;
using Flotilla.Gateway.State;
using Flotilla.Ledger;
using Flotilla.Protocol.Anthropic;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.OpenApi;

/// <summary>Puts limits where schemas name them (<c>"maximum": "OpenAiLimits.TokensMax"</c>), so that the document cannot say another number than the readers hold.</summary>
internal static class NamedLimits
{
    private static readonly FrozenDictionary<string, Type> Owners =
        new[] { typeof(OpenAiLimits), typeof(AnthropicLimits), typeof(GatewayLimits), typeof(StateLimits), typeof(LedgerLimits) }.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly FrozenSet<string> Bounds =
        FrozenSet.Create(StringComparer.Ordinal, "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties");

    /// <summary>Replaces every name of a limit below the node by its value.</summary>
    /// <exception cref="KeyNotFoundException">There is no such limit.</exception>
    public static void Fill(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Fill(item);
        }

        if (node is not JsonObject schema)
            return;
        foreach (var (name, value) in schema.ToArray())
        {
            if (Bounds.Contains(name) && value is JsonValue bound && bound.TryGetValue<string>(out var limit))
                schema[name] = Value(limit);
            else
                Fill(value);
        }
    }

    private static JsonValue Value(string limit)
    {
        var field = limit.Split('.') is [var owner, var name] && Owners.TryGetValue(owner, out var type) ? type.GetField(name, BindingFlags.Public | BindingFlags.Static) : null;
        return field?.GetValue(null) switch
        {
            int number => JsonValue.Create(number),
            long number => JsonValue.Create(number),
            float number => JsonValue.Create(number),
            double number => JsonValue.Create(number),
            decimal number => JsonValue.Create(number),
            // Times travel in seconds.
            TimeSpan time => JsonValue.Create((long)time.TotalSeconds),
            _ => throw new KeyNotFoundException($"A schema names the limit '{limit}', and there is none."),
        };
    }
}
