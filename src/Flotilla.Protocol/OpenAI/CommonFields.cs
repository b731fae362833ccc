using System.Globalization;
using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The fields that chat and completions share, while a body is read.</summary>
internal sealed class CommonFields(InferenceEndpoint endpoint, FieldReader fields)
{
    private readonly CallerFields _caller = new(fields);
    private readonly ExtraFields _extra = new(fields);
    private string? _model;
    private bool _stream;
    private bool _streamOptions;
    private bool _includeUsage;
    private long? _maxTokens;
    private long? _maxCompletionTokens;
    private ulong? _seed;
    private uint? _promptLogprobs;
    private readonly EnsembleReader _ensemble = new(fields);
    private ProviderPreferences _provider = ProviderPreferences.None;

    /// <summary>What the node will get; the endpoint's own reader fills the rest.</summary>
    public TextRequest Work { get; } = new() { Sampling = new Sampling(), Choices = 1 };

    /// <summary>Reads every field of the body; those of the endpoint go to its own reader first.</summary>
    /// <param name="body">The body.</param>
    /// <param name="own">Answers whether the field was one of its own.</param>
    public void Read(JsonElement body, Func<string, JsonElement, bool> own)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!FieldReader.Given(property.Value))
                continue;
            var name = property.Name;
            if (!own(name, property.Value) && !TryEnsemble(name, property.Value) && !_caller.TryRead(name, property.Value) && !TryServed(name, property.Value) && !TrySampling(name, property.Value)
                && !UnservedFields.TryRead(endpoint, name, property.Value, fields))
                _extra.Add(name, property.Value);
            if (fields.Error is not null)
                return;
        }
    }

    /// <summary>What only the whole body shows, and the result.</summary>
    /// <param name="choicesTotal">Over all prompts.</param>
    /// <param name="promptBytes">See <see cref="TextInference.PromptBytes"/>.</param>
    /// <param name="echo">See <see cref="TextInference.Echo"/>.</param>
    /// <param name="tellsPrompt">Whether the echo needs the prompt's tokens.</param>
    /// <returns>Null where a fault was found.</returns>
    public TextInference? Complete(int choicesTotal, long promptBytes, bool echo, bool tellsPrompt = false)
    {
        if ((_model ?? _ensemble.First) is null)
            fields.Missing("model");
        var ensemble = _ensemble.Complete(_model, choicesTotal);
        if (_streamOptions && !_stream)
            fields.Fail(ApiErrorCode.InvalidValue, "'stream_options' is only allowed when 'stream' is true.", "stream_options");
        if (_maxTokens is { } old && _maxCompletionTokens is { } now && old != now)
            fields.Fail(ApiErrorCode.InvalidRequest, $"'max_tokens' is {old} and 'max_completion_tokens' is {now}; they mean the same, so give one of them.", "max_tokens");
        if (_promptLogprobs is not null && _stream)
            fields.Fail(ApiErrorCode.InvalidValue, "'prompt_logprobs' is only allowed when 'stream' is false.", "prompt_logprobs");
        if (_provider.RequireParameters && _extra.Any)
            fields.Unsupported("provider.require_parameters", "the body has fields that Flotilla does not know, and no node can be known to serve those");
        if (fields.Error is not null)
            return null;
        var maxTokens = _maxCompletionTokens ?? _maxTokens ?? (endpoint == InferenceEndpoint.Completions ? Math.Max(OpenAiLimits.CompletionTokensDefault, Work.MinTokens) : null);
        if (maxTokens is { } most && Work.MinTokens > most)
        {
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'min_tokens': {Work.MinTokens} tokens are to come at least, and {most} at most.", "min_tokens");
            return null;
        }

        Work.MaxTokens = (uint)(maxTokens ?? 0);
        Work.Extra = _extra.Close();
        if (tellsPrompt)
            Work.PromptLogprobs = Math.Max(Work.TopLogprobs, _promptLogprobs ?? 0);
        else if (_promptLogprobs is { } given)
            Work.PromptLogprobs = given;
        return new TextInference
        {
            Endpoint = endpoint,
            Model = (_model ?? _ensemble.First)!,
            Ensemble = ensemble,
            Work = Work,
            MaxTokensGiven = maxTokens is not null,
            Seed = _seed,
            Stream = _stream,
            IncludeUsage = _includeUsage,
            Echo = echo,
            PromptLogprobs = _promptLogprobs,
            User = _caller.User,
            Metadata = _caller.Metadata,
            Provider = _provider,
            Needs = fields.Needs,
            RemoteFiles = fields.RemoteFiles,
            ChoicesTotal = choicesTotal,
            PromptBytes = promptBytes,
        };
    }

    // The other dialects have no place in their answers for whose choice is whose.
    private bool TryEnsemble(string name, JsonElement value) =>
        endpoint is InferenceEndpoint.ChatCompletions or InferenceEndpoint.Completions && _ensemble.TryRead(name, value);

    private bool TryServed(string name, JsonElement value)
    {
        switch (name)
        {
            case "model": _model = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            case "stream": _stream = fields.Boolean(value, name); break;
            case "stream_options": ReadStreamOptions(value); break;
            case "n" when endpoint != InferenceEndpoint.Responses: Work.Choices = (uint)fields.Integer(value, name, 1, OpenAiLimits.ChoicesTotalMax); break;
            case "max_tokens" when endpoint != InferenceEndpoint.Responses:
                // Programs that score texts ask for the prompt's log probabilities and no more.
                _maxTokens = fields.Integer(value, name, endpoint == InferenceEndpoint.Completions ? 0 : 1, OpenAiLimits.TokensMax);
                break;
            case "max_completion_tokens" when endpoint == InferenceEndpoint.ChatCompletions:
                _maxCompletionTokens = fields.Integer(value, name, 1, OpenAiLimits.TokensMax);
                break;
            case "max_output_tokens" when endpoint == InferenceEndpoint.Responses:
                _maxCompletionTokens = fields.Integer(value, name, OpenAiLimits.OutputTokensMin, OpenAiLimits.TokensMax);
                break;
            case "prompt_logprobs" when endpoint is InferenceEndpoint.ChatCompletions or InferenceEndpoint.Completions:
                _promptLogprobs = (uint)fields.Integer(value, name, 0, OpenAiLimits.TopLogprobsMax);
                fields.Need(Capability.PromptLogprobs, name);
                break;
            case "stop": ReadStop(value); break;
            case "seed": _seed = unchecked((ulong)fields.Integer(value, name, long.MinValue, long.MaxValue)); break;
            case "provider": _provider = new ProviderReader(fields).Read(value); break;
            default: return false;
        }

        return true;
    }

    private bool TrySampling(string name, JsonElement value)
    {
        var sampling = Work.Sampling;
        switch (name)
        {
            case "temperature": sampling.Temperature = fields.Number(value, name, 0, 2); break;
            case "top_p": sampling.TopP = fields.Number(value, name, 0, 1); break;
            // Other servers write "off" as -1.
            case "top_k": sampling.TopK = (uint)Math.Max(0, fields.Integer(value, name, -1, OpenAiLimits.TopKMax)); break;
            case "min_p": sampling.MinP = fields.Number(value, name, 0, 1); break;
            case "presence_penalty": sampling.PresencePenalty = fields.Number(value, name, -2, 2); break;
            case "frequency_penalty": sampling.FrequencyPenalty = fields.Number(value, name, -2, 2); break;
            case "repetition_penalty": sampling.RepetitionPenalty = fields.Number(value, name, 0.1, 10); break;
            case "logit_bias": ReadLogitBias(value); break;
            case "min_tokens": Work.MinTokens = (uint)fields.Integer(value, name, 0, OpenAiLimits.TokensMax); break;
            case "ignore_eos": Work.IgnoreEos = fields.Boolean(value, name); break;
            default: return false;
        }

        return true;
    }

    private void ReadStreamOptions(JsonElement value)
    {
        _streamOptions = true;
        if (!fields.Is(value, JsonValueKind.Object, "stream_options", "an object"))
            return;
        foreach (var option in value.EnumerateObject().Where(o => FieldReader.Given(o.Value)))
        {
            if (option.NameEquals("include_usage"))
                _includeUsage = fields.Boolean(option.Value, "stream_options.include_usage");
            else if (!option.NameEquals("include_obfuscation"))
                fields.Unsupported("stream_options", "only include_usage is");
            else if (fields.Boolean(option.Value, "stream_options.include_obfuscation"))
                fields.Unsupported("stream_options.include_obfuscation");
        }
    }

    private void ReadStop(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            Work.Stop.Add(fields.Text(value, "stop", 1, OpenAiLimits.StopCharsMax));
        else if (value.ValueKind != JsonValueKind.Array)
            fields.Is(value, JsonValueKind.Array, "stop", "a string or an array of strings");
        foreach (var (item, index) in value.ValueKind == JsonValueKind.Array ? fields.Items(value, "stop", 0, OpenAiLimits.StopMax) : [])
            Work.Stop.Add(fields.Text(item, $"stop[{index}]", 1, OpenAiLimits.StopCharsMax));
    }

    private void ReadLogitBias(JsonElement value)
    {
        if (!fields.Is(value, JsonValueKind.Object, "logit_bias", "an object"))
            return;
        if (value.GetPropertyCount() > OpenAiLimits.LogitBiasMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'logit_bias': expected at most {OpenAiLimits.LogitBiasMax} entries, got {value.GetPropertyCount()}.", "logit_bias");
        foreach (var entry in value.EnumerateObject())
        {
            if (fields.Error is not null)
                return;
            if (!uint.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token))
                fields.Fail(ApiErrorCode.InvalidValue, "Invalid value for 'logit_bias': a key is no token id.", "logit_bias");
            // Two spellings of one id ("7" and "07") are two keys of the JSON.
            else if (!Work.Sampling.LogitBias.TryAdd(token, fields.Number(entry.Value, "logit_bias", -OpenAiLimits.LogitBiasValueMax, OpenAiLimits.LogitBiasValueMax)))
                fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'logit_bias': token {token} is given twice.", "logit_bias");
        }
    }
}
