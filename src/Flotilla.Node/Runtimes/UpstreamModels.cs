using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Reads a server's list of models.</summary>
internal static class UpstreamModels
{
    /// <summary>Where servers put the context: vLLM, LM Studio and OpenRouter, llama-server.</summary>
    private static readonly string[] ContextFields = ["max_model_len", "context_length", "context_window"];

    /// <summary>The models' names and contexts (0 = not told); entries without a name are skipped.</summary>
    /// <exception cref="JsonException">The body is no list of models.</exception>
    public static IReadOnlyList<(string Name, uint ContextTokens)> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
            throw new JsonException("The list of models has no data array.");
        var models = new List<(string, uint)>();
        foreach (var model in data.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object))
        {
            if (model.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
                models.Add((id.GetString()!, Context(model)));
        }

        return models;
    }

    private static uint Context(JsonElement model)
    {
        foreach (var field in ContextFields)
        {
            if (model.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var tokens))
                return Math.Min(tokens, NodeLimits.ContextTokensMax);
        }

        return 0;
    }

    /// <summary>The offers that come out of the list and the owner's wishes.</summary>
    public static IReadOnlyList<Model> Offers(UpstreamOptions options, IReadOnlyList<(string Name, uint ContextTokens)> listed)
    {
        var contexts = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var (name, context) in listed)
            contexts.TryAdd(name, context);
        return options.Models is { } wanted
            ? [.. wanted.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Offer(options, m.Key, contexts.GetValueOrDefault(m.Value)))]
            : [.. contexts.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Offer(options, m.Key, m.Value))];
    }

    private static Model Offer(UpstreamOptions options, string name, uint context) => new()
    {
        Name = name,
        Runtime = UpstreamRuntime.KindName,
        ContextTokens = context > 0 ? context : (uint)Math.Min(options.ContextTokens, NodeLimits.ContextTokensMax),
        Capabilities = { options.Capabilities },
    };
}
