namespace Flotilla.Gateway.Admin;

/// <summary>A price; amounts are credits in decimal, for a million tokens.</summary>
/// <param name="Model">The model, or <c>*</c> for all that have none of their own.</param>
/// <param name="Input">Prompt tokens.</param>
/// <param name="CachedInput">Prompt tokens from a cache.</param>
/// <param name="Output">Delivered tokens.</param>
/// <param name="NodeSharePercent">The operator's part, 0 to 100, at most two decimals.</param>
public sealed record AdminPrice(string Model, string Input, string CachedInput, string Output, string NodeSharePercent);
