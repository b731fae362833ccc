namespace Flotilla.Gateway.Endpoints;

/// <summary>What a model costs.</summary>
/// <param name="Input">Credits for a million units that go in, decimal.</param>
/// <param name="CachedInput">The same for those that came from a cache.</param>
/// <param name="Output">The same for those that come out.</param>
/// <param name="Unit">What is counted: tokens, characters, audio seconds, images; both, where the model does several kinds of job.</param>
internal sealed record CatalogPrices(string Input, string CachedInput, string Output, string Unit);
