namespace Flotilla.Gateway.Endpoints;

/// <summary>A namespace's money in credits, as OpenRouter's <c>/credits</c> has it.</summary>
/// <param name="TotalCredits">Everything it was ever given.</param>
/// <param name="TotalUsage">What of it was charged.</param>
/// <param name="Held">What running requests hold.</param>
/// <param name="Available">What a new request can hold.</param>
internal sealed record CreditsView(decimal TotalCredits, decimal TotalUsage, decimal Held, decimal Available);
