using System.Collections.Frozen;
using System.Text.Json;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;

namespace Flotilla.Node.Runtimes;

/// <summary>Reads a server's list of models.</summary>
internal static class UpstreamModels
{
    /// <summary>Where servers put the context: vLLM, LM Studio and OpenRouter, llama-server.</summary>
    private static readonly string[] ContextFields = ["max_model_len", "context_length", "context_window"];

    /// <summary>What servers call the abilities that they list, and what the link calls them: our own list, FlexAI's, OpenRouter's and llama-server's.</summary>
    private static readonly FrozenDictionary<string, string> Abilities = new Dictionary<string, string>
    {
        [Capability.Vision] = Capability.Vision,
        [Capability.AudioInput] = Capability.AudioInput,
        [Capability.FileInput] = Capability.FileInput,
        [Capability.ReasoningEffort] = Capability.ReasoningEffort,
        [Capability.Chat] = Capability.Chat,
        [Capability.Completion] = Capability.Completion,
        [Capability.Embeddings] = Capability.Embeddings,
        [Capability.Rerank] = Capability.Rerank,
        [Capability.Moderation] = Capability.Moderation,
        ["image"] = Capability.Vision,
        ["image_input"] = Capability.Vision,
        ["audio"] = Capability.AudioInput,
        ["file"] = Capability.FileInput,
        ["multimodal"] = Capability.Vision,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The abilities that are kinds of job.</summary>
    private static readonly FrozenSet<string> Kinds = JobKind.Every.SelectMany(k => k.Capabilities).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Where servers list abilities: as members of a model, or of its <c>architecture</c>.</summary>
    private static readonly string[] AbilityFields = ["capabilities", "supports", "supported_parameters", "input_modalities"];

    /// <summary>The models' names, contexts (0 = not told) and what the list says that they can do; entries without a name are skipped.</summary>
    /// <exception cref="JsonException">The body is no list of models.</exception>
    public static IReadOnlyList<UpstreamModel> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
            throw new JsonException("The list of models has no data array.");
        var models = new List<UpstreamModel>();
        foreach (var model in data.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object))
        {
            if (model.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
                models.Add(new UpstreamModel(id.GetString()!, Context(model), AbilitiesOf(model)));
        }

        return models;
    }

    private static uint Context(JsonElement model)
    {
        foreach (var field in ContextFields)
        {
            if (model.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var tokens))
                return Math.Min(tokens, LinkLimits.ContextTokensMax);
        }

        return 0;
    }

    /// <summary>The offers that come out of the list and the owner's wishes.</summary>
    public static IReadOnlyList<Model> Offers(UpstreamOptions options, IReadOnlyList<UpstreamModel> listed)
    {
        var known = new Dictionary<string, UpstreamModel>(StringComparer.Ordinal);
        foreach (var model in listed)
            known.TryAdd(model.Name, model);
        return options.Models is { } wanted
            ? [.. wanted.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Offer(options, m.Key, known.GetValueOrDefault(m.Value)))]
            : [.. known.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => Offer(options, m.Key, m.Value))];
    }

    private static Model Offer(UpstreamOptions options, string name, UpstreamModel? model) => new()
    {
        Name = name,
        Runtime = UpstreamRuntime.KindName,
        ContextTokens = model?.ContextTokens is > 0 and var context ? context : (uint)Math.Min(options.ContextTokens, LinkLimits.ContextTokensMax),
        Capabilities = { Usual(options, model).Union(model?.Capabilities ?? [], StringComparer.Ordinal) },
    };

    /// <summary>What the owner says, without the kinds of job that a list which tells them leaves out.</summary>
    private static IEnumerable<string> Usual(UpstreamOptions options, UpstreamModel? model) =>
        model?.Capabilities.Any(Kinds.Contains) == true ? options.Capabilities.Where(c => !Kinds.Contains(c)) : options.Capabilities;

    private static string[] AbilitiesOf(JsonElement model)
    {
        var told = model.TryGetProperty("architecture", out var architecture) && architecture.ValueKind == JsonValueKind.Object ? Lists(model).Concat(Lists(architecture)) : Lists(model);
        return [.. told.Where(v => v.ValueKind == JsonValueKind.String).Select(v => Abilities.GetValueOrDefault(v.GetString()!)).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<JsonElement> Lists(JsonElement value) =>
        AbilityFields.SelectMany(f => value.TryGetProperty(f, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default);
}
