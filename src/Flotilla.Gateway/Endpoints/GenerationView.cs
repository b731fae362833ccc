namespace Flotilla.Gateway.Endpoints;

/// <summary>A job as OpenRouter's <c>/generation</c> shows it; costs are in credits, times in milliseconds.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="RequestId">The request that caused it.</param>
/// <param name="Model">The model's own name.</param>
/// <param name="ProviderName">The node that served.</param>
/// <param name="CreatedAt">When the money was held.</param>
/// <param name="Cancelled">Whether the client left, or somebody cancelled it.</param>
/// <param name="GenerationTime">From the hold to the settlement; null while it runs.</param>
/// <param name="TokensPrompt">Tokens of the prompt.</param>
/// <param name="TokensCompletion">Tokens delivered.</param>
/// <param name="NativeTokensCached">Tokens of the prompt that came from a cache.</param>
/// <param name="TotalCost">What was charged.</param>
/// <param name="Usage">The same.</param>
/// <param name="FinishReason">As the client saw it.</param>
internal sealed record GenerationView(
    string Id, string RequestId, string Model, string? ProviderName, DateTimeOffset CreatedAt, bool Cancelled, long? GenerationTime,
    int TokensPrompt, int TokensCompletion, int NativeTokensCached, decimal TotalCost, decimal Usage, string? FinishReason);
