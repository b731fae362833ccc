using System.Text.Json;
using Flotilla.Core;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads the <c>provider</c> object. What this network cannot promise is refused, never passed over.</summary>
internal sealed class ProviderReader(FieldReader fields)
{
    private const int CreditsPerUsd = 100;

    private ProviderPreferences _read = ProviderPreferences.None;

    /// <summary>The preferences; after a fault, whatever was read by then.</summary>
    public ProviderPreferences Read(JsonElement value)
    {
        if (!fields.Is(value, JsonValueKind.Object, "provider", "an object"))
            return _read;
        foreach (var member in value.EnumerateObject().Where(m => FieldReader.Given(m.Value)))
        {
            ReadMember(member.Name, "provider." + member.Name, member.Value);
            if (fields.Error is not null)
                break;
        }

        return _read;
    }

    private void ReadMember(string name, string param, JsonElement value)
    {
        switch (name)
        {
            case "order": _read = _read with { Order = Names(value, param) }; break;
            case "only": _read = _read with { Only = Names(value, param) }; break;
            case "ignore": _read = _read with { Ignore = Names(value, param) }; break;
            case "allow_fallbacks": _read = _read with { AllowFallbacks = fields.Boolean(value, param) }; break;
            case "require_parameters": _read = _read with { RequireParameters = fields.Boolean(value, param) }; break;
            case "sort": _read = _read with { Sort = Sort(value, param) }; break;
            case "max_price": ReadMaxPrice(value, param); break;
            case "data_collection": ReadDataCollection(value, param); break;
            case "zdr" or "enforce_distillable_text" when value.ValueKind == JsonValueKind.False: break;
            default:
                fields.Fail(ApiErrorCode.UnsupportedField, $"This network cannot promise '{Shown(param)}', so it does not accept it. Leave it out.", Shown(param));
                break;
        }
    }

    private List<string> Names(JsonElement value, string param)
    {
        List<string> names = [];
        foreach (var (item, index) in fields.Items(value, param, 0, OpenAiLimits.ProvidersMax))
        {
            var name = fields.Text(item, $"{param}[{index}]", 1, OpenAiLimits.ProviderCharsMax);
            if (Regions.TryParse(name, out var region))
                names.Add(region);
            else if (IsId(name, NodeId.Prefix) || IsId(name, AccountId.Prefix))
                names.Add(name);
            else
                fields.Invalid($"{param}[{index}]", $"a node's id ({NodeId.Prefix}…), an operator's ({AccountId.Prefix}…) or a region ({string.Join(", ", Regions.All)})", item);
        }

        return names;
    }

    private ProviderSort Sort(JsonElement value, string param)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            // Beside "by" the object can only say how several models of one request are mixed, which "strategy" does here.
            if (value.GetPropertyCount() == 1 && FieldReader.TryMember(value, "by", out var by))
                return Sort(by, param + ".by");
            fields.Fail(ApiErrorCode.UnsupportedField, $"'{param}' as an object may only have 'by' here.", param);
            return ProviderSort.None;
        }

        switch (fields.Text(value, param))
        {
            case "price": return ProviderSort.Price;
            case "throughput": return ProviderSort.Throughput;
            case "latency": return ProviderSort.Latency;
            default:
                fields.Invalid(param, "'price', 'throughput' or 'latency'", value);
                return ProviderSort.None;
        }
    }

    private void ReadMaxPrice(JsonElement value, string param)
    {
        if (!fields.Is(value, JsonValueKind.Object, param, "an object"))
            return;
        foreach (var price in value.EnumerateObject().Where(p => FieldReader.Given(p.Value)))
        {
            var name = $"{param}.{price.Name}";
            switch (price.Name)
            {
                case "prompt": _read = _read with { PromptPriceMax = Price(price.Value, name) }; break;
                case "completion": _read = _read with { CompletionPriceMax = Price(price.Value, name) }; break;
                // Nothing here is priced by the request: every ceiling holds.
                case "request": Price(price.Value, name); break;
                default:
                    fields.Fail(ApiErrorCode.UnsupportedField, $"'{Shown(name)}' is not a price that is charged here: prompt and completion are.", Shown(name));
                    break;
            }
        }
    }

    private Credits Price(JsonElement value, string param)
    {
        // In USD for a million tokens, as OpenRouter has it; rounded down, so that the ceiling is never exceeded by rounding.
        var usd = fields.Decimal(value, param, 0, OpenAiLimits.MaxPriceUsdMax);
        return new Credits((long)(usd * CreditsPerUsd * Credits.MicroPerCredit));
    }

    private void ReadDataCollection(JsonElement value, string param)
    {
        switch (fields.Text(value, param))
        {
            case "allow":
                break;
            case "deny":
                fields.Fail(
                    ApiErrorCode.UnsupportedField,
                    $"'{param}' cannot be 'deny': a node's owner can read what the node serves, and no gateway can prevent that. Name operators that you trust in 'provider.only'.",
                    param);
                break;
            default:
                fields.Invalid(param, "'allow' or 'deny'", value);
                break;
        }
    }

    private static bool IsId(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length && text.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', 'z') < 0;

    private static string Shown(string param) => param.Length <= OpenAiLimits.NameCharsMax ? param : param[..OpenAiLimits.NameCharsMax] + "…";
}
