using System.Text.Json;

namespace Flotilla.Protocol.OpenAI;

/// <summary>Reads <c>models</c>, <c>strategy</c> and <c>judge_model</c>.</summary>
internal sealed class EnsembleReader(FieldReader fields)
{
    private List<string>? _models;
    private EnsembleStrategy? _strategy;
    private string? _judge;

    /// <summary>Whether the field is one of these.</summary>
    public bool TryRead(string name, JsonElement value)
    {
        switch (name)
        {
            case "models": ReadModels(value); break;
            case "strategy": ReadStrategy(value); break;
            case "judge_model": _judge = fields.Text(value, name, 1, OpenAiLimits.ModelCharsMax); break;
            default: return false;
        }

        return true;
    }

    /// <summary>What was read; null where nothing was. Keeps a fault where the parts do not go together.</summary>
    /// <param name="model">The field <c>model</c>, which stands before the others, as OpenRouter has it.</param>
    /// <param name="choicesTotal">Choices of one model.</param>
    public Ensemble? Complete(string? model, int choicesTotal)
    {
        if (_models is null && _strategy is null && _judge is null)
            return null;
        if ((_strategy == EnsembleStrategy.Judge) != (_judge is not null))
            fields.Fail(ApiErrorCode.InvalidRequest, "'judge_model' and the strategy 'judge' belong together; give both or neither.", "judge_model");
        if (_strategy is EnsembleStrategy.Vote or EnsembleStrategy.Judge && choicesTotal != 1)
            fields.Fail(ApiErrorCode.InvalidRequest, $"The strategies 'vote' and 'judge' choose among one answer of each model, and this request asks for {choicesTotal}.", "n");
        List<string> models = _models ?? [];
        if (models.Count > 0 && model is not null && models[0] != model)
            models.Insert(0, model);
        if (models.Count > OpenAiLimits.EnsembleModelsMax)
            fields.Fail(ApiErrorCode.InvalidValue, $"Invalid value for 'models': expected at most {OpenAiLimits.EnsembleModelsMax} models together with 'model', got {models.Count}.", "models");
        if (models.Distinct(StringComparer.Ordinal).Count() < models.Count)
            fields.Fail(ApiErrorCode.InvalidValue, "Invalid value for 'models': a model is named twice.", "models");
        return new Ensemble(models, _strategy, _judge);
    }

    /// <summary>The model to name where <c>model</c> is left out.</summary>
    public string? First => _models is [var first, ..] ? first : null;

    private void ReadModels(JsonElement value)
    {
        _models = [];
        foreach (var (item, index) in fields.Items(value, "models", 1, OpenAiLimits.EnsembleModelsMax))
            _models.Add(fields.Text(item, $"models[{index}]", 1, OpenAiLimits.ModelCharsMax));
    }

    private void ReadStrategy(JsonElement value)
    {
        switch (fields.Text(value, "strategy"))
        {
            case "fallback": _strategy = EnsembleStrategy.Fallback; break;
            case "race": _strategy = EnsembleStrategy.Race; break;
            case "all": _strategy = EnsembleStrategy.All; break;
            case "vote": _strategy = EnsembleStrategy.Vote; break;
            case "judge": _strategy = EnsembleStrategy.Judge; break;
            default: fields.Invalid("strategy", "'fallback', 'race', 'all', 'vote' or 'judge'", value); break;
        }
    }
}
