using Flotilla.Gateway.Nodes;
using Flotilla.Gateway.Stages;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Ensembles;

/// <summary>Which models a request asks: those of <c>models</c>, those that <c>model</c> joins by a plus, or simply one.</summary>
internal sealed class Roll(Resolve resolve, NodeDirectory nodes)
{
    private const char Joint = '+';

    /// <summary>The models by name, each with its request; a 400 where they cannot answer together.</summary>
    public Result<Lineup> Call(InferenceRequest request)
    {
        if (request is not TextInference { Endpoint: InferenceEndpoint.ChatCompletions or InferenceEndpoint.Completions } text)
            return new Lineup(EnsembleStrategy.Fallback, [request]);
        var wish = text.Ensemble;
        var listed = wish is { Models.Count: > 0 };
        var names = listed ? wish!.Models : Parts(text.Model);
        if (names.Count == 1)
        {
            return wish?.Strategy is null
                ? new Lineup(EnsembleStrategy.Fallback, [text with { Model = names[0] }])
                : new ApiError(ApiErrorCode.InvalidRequest, "A 'strategy' needs at least two models: name them in 'models', or in 'model' with '+' between.", "strategy");
        }

        var strategy = wish?.Strategy ?? (listed ? EnsembleStrategy.Fallback : EnsembleStrategy.All);
        if (Fault(text, names, strategy, listed ? "models" : "model") is { } fault)
            return fault;
        return new Lineup(strategy, [.. names.Select(name => text with { Model = name, Work = text.Work.Clone() })], wish?.JudgeModel);
    }

    /// <summary>A name may have a plus itself: one that is known is never taken apart.</summary>
    public string[] Parts(string model)
    {
        if (!model.Contains(Joint, StringComparison.Ordinal) || resolve.IsKnown(resolve.Canonical(model), nodes.Snapshot))
            return [model];
        var parts = model.Split(Joint);
        return parts.All(p => p.Length > 0) ? parts : [model];
    }

    private ApiError? Fault(TextInference request, IReadOnlyList<string> names, EnsembleStrategy strategy, string param)
    {
        if (names.Count > OpenAiLimits.EnsembleModelsMax)
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': expected at most {OpenAiLimits.EnsembleModelsMax} models, got {names.Count}.", param);
        if (names.FirstOrDefault(n => Parts(n).Length > 1) is { } nested)
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': '{nested}' names several models itself.", param);
        if (names.Select(resolve.Canonical).Distinct(StringComparer.Ordinal).Count() < names.Count)
            return new ApiError(ApiErrorCode.InvalidValue, $"Invalid value for '{param}': a model is named twice, perhaps by an alias.", param);
        var choices = request.ChoicesTotal * names.Count;
        return strategy == EnsembleStrategy.All && choices > OpenAiLimits.ChoicesTotalMax
            ? new ApiError(ApiErrorCode.InvalidValue, $"All {names.Count} models together would give {choices} choices; at most {OpenAiLimits.ChoicesTotalMax} are possible.", "n")
            : null;
    }
}
