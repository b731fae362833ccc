using System.Collections.Frozen;
using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The fields that are known and not served: any value but a harmless one is an error that names the field.</summary>
internal static class UnservedFields
{
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Both = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["service_tier"] = v => IsText(v, "auto") || IsText(v, "default"),
        ["prompt_cache_options"] = Never,
        ["prompt_cache_retention"] = Never,
        // What other servers let a caller do to the server: templates, caches, queues and targets belong to operators
        // (security list, item 8), so these are refused and never forwarded.
        ["chat_template"] = Never,
        ["chat_template_kwargs"] = Never,
        ["cache_salt"] = Never,
        ["kv_transfer_params"] = Never,
        ["mm_processor_kwargs"] = Never,
        ["vllm_xargs"] = Never,
        ["priority"] = Never,
        ["api_base"] = Never,
        ["api_key"] = Never,
        ["base_url"] = Never,
        ["extra_headers"] = Never,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Chat = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["audio"] = Never,
        ["modalities"] = v => v.ValueKind == JsonValueKind.Array && v.GetArrayLength() == 1 && IsText(v[0], "text"),
        ["moderation"] = Never,
        ["prediction"] = Never,
        ["store"] = v => v.ValueKind == JsonValueKind.False,
        ["verbosity"] = v => IsText(v, "medium"),
        ["web_search_options"] = Never,
    }.ToFrozenDictionary();

    // What chats and completions do with several models has no form in the answers of others.
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Others = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["models"] = Never,
        ["strategy"] = Never,
        ["judge_model"] = Never,
        ["stream"] = v => v.ValueKind == JsonValueKind.False,
    }.ToFrozenDictionary();

    // The fields of a chat whose answer is more than a text.
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Descriptions = new Dictionary<string, Func<JsonElement, bool>>(Others)
    {
        ["messages"] = Never,
        ["tools"] = Never,
        ["response_format"] = Never,
        ["reasoning_effort"] = Never,
        ["logprobs"] = v => v.ValueKind == JsonValueKind.False,
        ["prompt_logprobs"] = Never,
        ["stream_options"] = Never,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Completions = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["suffix"] = v => IsText(v, ""),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Responses = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["models"] = Never,
        ["strategy"] = Never,
        ["judge_model"] = Never,
        ["context_management"] = Never,
        ["conversation"] = Never,
        ["max_tokens"] = Never,
        ["messages"] = Never,
        ["moderation"] = Never,
        ["n"] = v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) && n == 1,
        ["prompt"] = Never,
        ["prompt_logprobs"] = Never,
        ["response_format"] = Never,
        ["truncation"] = v => IsText(v, "disabled"),
    }.ToFrozenDictionary();

    /// <summary>The names that an endpoint refuses, for tests and documents.</summary>
    public static IEnumerable<string> Names(InferenceEndpoint endpoint) => Both.Keys.Concat(Of(endpoint).Keys);

    /// <summary>Whether the field is one of these; keeps a fault unless its value is harmless.</summary>
    public static bool TryRead(InferenceEndpoint endpoint, string name, JsonElement value, FieldReader fields)
    {
        if (!Both.TryGetValue(name, out var harmless) && !Of(endpoint).TryGetValue(name, out harmless))
            return false;
        if (!harmless(value))
            fields.Unsupported(name);
        return true;
    }

    private static FrozenDictionary<string, Func<JsonElement, bool>> Of(InferenceEndpoint endpoint) => endpoint switch
    {
        InferenceEndpoint.ChatCompletions => Chat,
        InferenceEndpoint.Responses => Responses,
        InferenceEndpoint.Completions => Completions,
        InferenceEndpoint.ImageDescriptions or InferenceEndpoint.VideoDescriptions => Descriptions,
        _ => Others,
    };

    private static bool Never(JsonElement value) => false;

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
