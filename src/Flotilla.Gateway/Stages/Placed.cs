using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>A request that somebody could serve now.</summary>
/// <param name="Request">What is asked, as it can be granted.</param>
/// <param name="Model">Of which model.</param>
internal sealed record Placed(InferenceRequest Request, ResolvedModel Model);
