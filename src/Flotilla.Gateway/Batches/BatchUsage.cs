using System.Text.Json;

namespace Flotilla.Gateway.Batches;

/// <summary>The tokens of answers, whichever of the API's two ways to say them an answer has.</summary>
internal readonly record struct BatchUsage(long Input, long Cached, long Output, long Reasoning)
{
    public static BatchUsage operator +(BatchUsage one, BatchUsage other) =>
        new(one.Input + other.Input, one.Cached + other.Cached, one.Output + other.Output, one.Reasoning + other.Reasoning);

    /// <summary>What an answer says that it used; nothing where it says nothing.</summary>
    public static BatchUsage Of(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
            return default;
        return new BatchUsage(
            Number(usage, "input_tokens", "prompt_tokens"),
            Detail(usage, "cached_tokens", "input_tokens_details", "prompt_tokens_details"),
            Number(usage, "output_tokens", "completion_tokens"),
            Detail(usage, "reasoning_tokens", "output_tokens_details", "completion_tokens_details"));
    }

    private static long Number(JsonElement of, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
                return number;
        }

        return 0;
    }

    private static long Detail(JsonElement usage, string name, params ReadOnlySpan<string> groups)
    {
        foreach (var group in groups)
        {
            if (usage.TryGetProperty(group, out var details) && details.ValueKind == JsonValueKind.Object)
                return Number(details, name);
        }

        return 0;
    }
}
