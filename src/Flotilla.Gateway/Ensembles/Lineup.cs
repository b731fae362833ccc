using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Ensembles;

/// <summary>Who is asked, and how.</summary>
/// <param name="Strategy">Of no meaning for a single model.</param>
/// <param name="Requests">One for each model, in order.</param>
/// <param name="JudgeModel">Who judges, if anybody.</param>
internal sealed record Lineup(EnsembleStrategy Strategy, IReadOnlyList<InferenceRequest> Requests, string? JudgeModel = null);
