namespace Flotilla.Protocol.OpenAI;

/// <summary>A request's wish to be answered by several models.</summary>
/// <param name="Models">Their names, in order, as the client gives them; empty where only <c>model</c> may name several.</param>
/// <param name="Strategy">How; null: the default of the form that was used.</param>
/// <param name="JudgeModel">Who judges; set with <see cref="EnsembleStrategy.Judge"/> and only then.</param>
public sealed record Ensemble(IReadOnlyList<string> Models, EnsembleStrategy? Strategy, string? JudgeModel);
