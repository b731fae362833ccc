namespace Flotilla.Gateway.Endpoints;

/// <summary>The key that asks, as OpenRouter's <c>/key</c> has it; amounts in credits.</summary>
/// <param name="Id">Names the key.</param>
/// <param name="Label">Given by whoever made it.</param>
/// <param name="Usage">What it was charged in all.</param>
/// <param name="UsageDaily">Since midnight, UTC.</param>
/// <param name="UsageWeekly">Since Monday.</param>
/// <param name="UsageMonthly">Since the first of the month.</param>
/// <param name="Limit">A budget of its own; keys have none, they share the namespace's credits.</param>
/// <param name="LimitRemaining">What it can spend.</param>
/// <param name="IsFreeTier">Always false.</param>
/// <param name="RateLimit">How fast it may ask.</param>
internal sealed record KeyView(
    string Id, string Label, decimal Usage, decimal UsageDaily, decimal UsageWeekly, decimal UsageMonthly, decimal? Limit, decimal LimitRemaining, bool IsFreeTier, KeyRateView RateLimit);
