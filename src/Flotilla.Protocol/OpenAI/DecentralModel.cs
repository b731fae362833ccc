using Flotilla.Core;
using Flotilla.Protocol.Jobs;

namespace Flotilla.Protocol.OpenAI;

/// <summary>The <c>decentral</c> object of a model. What is not known is null, and left out.</summary>
/// <param name="ActiveWorkers">Nodes that serve the model now.</param>
/// <param name="CreditsPerRequest">Price of a request of some 500 output tokens.</param>
/// <param name="CreditsPer1K">Price of 1,000 units: of output, where output is paid for, else of input.</param>
/// <param name="MedianLatencyMs">Median time to the first token.</param>
/// <param name="Tier">lite, standard, pro or max.</param>
/// <param name="Parameters">Number of weights in words, such as 8B.</param>
/// <param name="Unit">What is counted: tokens, and for media what <see cref="JobKind.Unit"/> says. Decentral's own clients know tokens.</param>
public sealed record DecentralModel(
    int ActiveWorkers,
    Credits? CreditsPerRequest = null,
    Credits? CreditsPer1K = null,
    long? MedianLatencyMs = null,
    string? Tier = null,
    string? Parameters = null,
    string Unit = JobKind.Tokens);
