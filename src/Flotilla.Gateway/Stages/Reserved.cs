using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway.Stages;

/// <summary>A request with its held job.</summary>
/// <param name="Request">What is asked, as it can be granted.</param>
/// <param name="Job">The job.</param>
internal sealed record Reserved(InferenceRequest Request, HeldJob Job);
