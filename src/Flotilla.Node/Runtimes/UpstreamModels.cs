using System.Collections.Frozen;
using System.Text.Json;
using Flotilla.Protocol.Jobs;
using Flotilla.Protocol.Link;
using Flotilla.Protocol.OpenAI;

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
        [Capability.Speech] = Capability.Speech,
        [Capability.Transcription] = Capability.Transcription,
        [Capability.Translation] = Capability.Translation,
        [Capability.Image] = Capability.Image,
        [Capability.ImageEdit] = Capability.ImageEdit,
        [Capability.ImageVariation] = Capability.ImageVariation,
        [Capability.Video] = Capability.Video,
        ["image_input"] = Capability.Vision,
        ["multimodal"] = Capability.Vision,
        ["audio_speech"] = Capability.Speech,
        ["audio_transcription"] = Capability.Transcription,
        ["image_generation"] = Capability.Image,
        ["video_generation"] = Capability.Video,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What servers call the kinds of input that a chat may have beside text.</summary>
    private static readonly FrozenDictionary<string, string> Modalities = new Dictionary<string, string>
    {
        ["image"] = Capability.Vision,
        ["audio"] = Capability.AudioInput,
        ["file"] = Capability.FileInput,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The abilities that are kinds of job.</summary>
    private static readonly FrozenSet<string> Kinds = JobKind.Every.SelectMany(k => k.Capabilities).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Where servers list abilities, and in which words: as members of a model, or of its <c>architecture</c>.</summary>
    private static readonly (string Field, FrozenDictionary<string, string> Words)[] AbilityFields =
        [("capabilities", Abilities), ("supports", Abilities), ("supported_parameters", Abilities), ("input_modalities", Modalities)];

    /// <summary>A Flotilla's words for a model that nobody serves now.</summary>
    private static readonly FrozenSet<string> Away = FrozenSet.Create(StringComparer.Ordinal, "offline", "shut_down");

    /// <summary>The models' names, contexts (0 = not told) and what the list says that they can do; entries without a name, or that nobody serves now, are skipped.</summary>
    /// <exception cref="JsonException">The body is no list of models.</exception>
    public static UpstreamList Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
            throw new JsonException("The list of models has no data array.");
        var models = new List<UpstreamModel>();
        var isOurs = false;
        foreach (var model in data.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object))
        {
            isOurs |= TextOf(model, "owned_by") == ModelListWriter.Owner;
            var isAway = model.TryGetProperty("health", out var health) && TextOf(health, "status") is { } status && Away.Contains(status);
            if (!isAway && TextOf(model, "id") is { } id)
                models.Add(new UpstreamModel(id, Context(model), AbilitiesOf(model), VoicesOf(model)));
        }

        return new UpstreamList(models, isOurs || data.GetArrayLength() == 0);
    }

    private static string? TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

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
        var names = (options.Models?.Keys ?? known.Keys).Union(options.Details.Keys, StringComparer.Ordinal);
        return [.. names.Order(StringComparer.Ordinal).Select(name => Offer(options, name, known.GetValueOrDefault(options.NameThere(name))))];
    }

    private static Model Offer(UpstreamOptions options, string name, UpstreamModel? model)
    {
        var details = options.Details.GetValueOrDefault(name) ?? new UpstreamModelOptions();
        return new Model
        {
            Name = name,
            Runtime = UpstreamRuntime.KindName,
            ContextTokens = model?.ContextTokens is > 0 and var context ? context : (uint)Math.Min(options.ContextTokens, LinkLimits.ContextTokensMax),
            Capabilities = { details.Capabilities ?? Usual(options, model).Union(model?.Capabilities ?? [], StringComparer.Ordinal) },
            // A test job needs no more patience than a client's.
            AdmissionSeconds = (uint)Math.Min(details.Seconds ?? 0, LinkLimits.AdmissionSecondsMax),
            Voices = { details.Voices.Count > 0 ? details.Voices.Keys : model?.Voices ?? [] },
        };
    }

    /// <summary>What the owner says of all models: of one whose kinds of job the list tells, only what belongs to those.</summary>
    private static IEnumerable<string> Usual(UpstreamOptions options, UpstreamModel? model)
    {
        if (model?.Capabilities.Any(Kinds.Contains) != true)
            return options.Capabilities;
        return model.Capabilities.Any(JobKind.Text.Capabilities.Contains) ? options.Capabilities.Where(c => !Kinds.Contains(c)) : [];
    }

    private static string[] AbilitiesOf(JsonElement model)
    {
        var told = model.TryGetProperty("architecture", out var architecture) && architecture.ValueKind == JsonValueKind.Object ? Lists(model).Concat(Lists(architecture)) : Lists(model);
        return [.. told.Distinct(StringComparer.Ordinal)];
    }

    private static string[] VoicesOf(JsonElement model) =>
        [.. Texts(model, "voices").Where(v => LinkNames.IsName(v)).Distinct(StringComparer.Ordinal).Take(LinkLimits.VoicesMax)];

    private static IEnumerable<string> Lists(JsonElement value) =>
        AbilityFields.SelectMany(f => Texts(value, f.Field).Select(v => f.Words.GetValueOrDefault(v)).OfType<string>());

    private static IEnumerable<string> Texts(JsonElement value, string field) =>
        value.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)
            : [];
}
